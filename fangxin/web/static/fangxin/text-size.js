// Loaded before the body so that a reader's chosen size is there at the first paint.
(function () {
  "use strict";
  var root = document.documentElement;
  var sizes = ["normal", "large", "largest"];
  function kept() {
    try {
      return localStorage.getItem("text-size");
    } catch {
      return null;
    }
  }
  function show(size) {
    root.dataset.text = sizes.includes(size) ? size : "normal";
    document.querySelectorAll("[data-text-size]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.textSize === root.dataset.text));
    });
  }
  root.classList.add("js");
  show(kept());
  document.addEventListener("DOMContentLoaded", function () {
    show(root.dataset.text);
    document.addEventListener("click", function (event) {
      var button = event.target.closest("[data-text-size]");
      if (!button) return;
      show(button.dataset.textSize);
      try {
        localStorage.setItem("text-size", button.dataset.textSize);
      } catch {
        // Storage is refused in some private windows; the size then lasts for this page.
      }
    });
  });
})();
