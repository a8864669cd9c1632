// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const wants_dark = matchMedia("(prefers-color-scheme: dark)");

  const show_theme = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", theme === "dark" ? "Show on light" : "Show on dark");
  };
  let chosen = false;
  show_theme(wants_dark.matches ? "dark" : "light");
  wants_dark.addEventListener("change", () => chosen || show_theme(wants_dark.matches ? "dark" : "light"));
  button.addEventListener("click", () => {
    chosen = true;
    show_theme(root.dataset.theme === "dark" ? "light" : "dark");
  });
  button.hidden = false;

  // A slider of a probe shows one of its looks.
  const sliders = [];
  for (const probe of document.querySelectorAll(".probe")) {
    const slider = probe.querySelector(".slider input");
    const output = probe.querySelector(".slider output");
    const looks = [...probe.querySelectorAll(".look")];
    const show = () => {
      const at = Math.min(Number(slider.value), looks.length - 1);
      looks.forEach((look, i) => look.classList.toggle("shown", i === at));
      output.textContent = looks[at].dataset.step;
      slider.setAttribute("aria-valuetext", "Step " + looks[at].dataset.step);
    };
    slider.addEventListener("input", show);
    show();
    sliders.push({ slider, show });
  }

  // page.html#look=2 leads to the third look at each probe, #theme=dark to the dark page.
  const follow = () => {
    const look = /(?:^#|&)look=(\d+)/.exec(location.hash);
    if (look)
      for (const { slider, show } of sliders) {
        slider.value = look[1];
        show();
      }
    const theme = /(?:^#|&)theme=(light|dark)/.exec(location.hash);
    if (theme) {
      chosen = true;
      show_theme(theme[1]);
    }
  };
  addEventListener("hashchange", follow);
  follow();

  // On paper there is nothing to unfold, and the numbers of charts would take pages.
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("main > section:not(#curves) > details")) part.open = true;
  });
})();
