// Sets the theme before anything is drawn, so that a dark window does not flash white. The shell may have set it already.
(function () {
  var root = document.documentElement;
  if (!root.dataset.theme) {
    var kept = window.kontorTheme || null;
    try {
      kept = kept || localStorage.getItem("kontor-theme");
    } catch {
      // A window without storage asks the system.
    }
    root.dataset.theme = kept || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
  root.style.colorScheme = root.dataset.theme;
  root.style.backgroundColor = root.dataset.theme === "dark" ? "#14171C" : "#F3F5F7";
})();
