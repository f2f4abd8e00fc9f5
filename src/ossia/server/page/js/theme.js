// Light, dark, or as the system is.

import { icon, iconButton } from "./dom.js";

const KEY = "ossia.theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const ICONS = { auto: "auto", light: "sun", dark: "moon" };

const chosen = () => (localStorage.getItem(KEY) in NEXT ? localStorage.getItem(KEY) : "auto");

export function applyTheme() {
  document.documentElement.dataset.theme = chosen();
}

/** Make the button that goes to the next theme. */
export function themeButton() {
  const button = iconButton("auto", "", () => {
    localStorage.setItem(KEY, NEXT[chosen()]);
    update();
  });
  const update = () => {
    applyTheme();
    button.replaceChildren(icon(ICONS[chosen()]));
    button.title = `Colours: ${chosen()}`;
    button.setAttribute("aria-label", button.title);
  };
  update();
  return button;
}
