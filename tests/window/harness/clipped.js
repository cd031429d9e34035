// Texts that are cut off without a sign of it, and whether the page itself scrolls.
const says = (style) => style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
const scrolls = (style) => style.overflowX === "auto" || style.overflowX === "scroll";
const hides = (style) => style.overflowX === "hidden" || style.overflowX === "clip";
const extent = (text) => {
  const range = document.createRange();
  range.selectNodeContents(text);
  return range.getBoundingClientRect();
};
const isCut = (text) => {
  const at = extent(text);
  for (let box = text.parentElement; box && box !== document.body; box = box.parentElement) {
    const style = getComputedStyle(box);
    if (says(style) || scrolls(style) || box.matches(".hidden-text, select, option")) return false;
    const edge = box.getBoundingClientRect();
    if (hides(style) && (at.right > edge.right + 1.5 || at.left < edge.left - 1.5)) return true;
  }
  return at.right > innerWidth + 1.5 || at.left < -1.5;
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const text = walker.currentNode;
  if (!text.data.trim() || !text.parentElement.checkVisibility()) continue;
  if (text.parentElement.closest("script, style, [role=grid], .textLayer, textarea, svg")) continue;
  if (isCut(text)) found.push(`${text.parentElement.tagName} “${text.data.trim().slice(0, 60)}”`);
}
const page = document.documentElement;
if (page.scrollWidth > innerWidth + 1 || page.scrollHeight > innerHeight + 1) {
  found.push(`the page scrolls: ${page.scrollWidth}×${page.scrollHeight} in ${innerWidth}×${innerHeight}`);
}
return found;
