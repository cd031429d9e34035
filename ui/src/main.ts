import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { desk } from "./state/desk.svelte";
import { runs } from "./state/runs.svelte";
import { savedFilters } from "./state/saved.svelte";

await desk.begin();
runs.begin();
savedFilters.begin();
mount(App, { target: document.getElementById("app")! });
