// Comforts only: every page works without this file.
(function () {
  "use strict";

  // A long list of checkboxes: all at once, how many, and the bar that acts on them.
  function countChosen(form) {
    var boxes = Array.from(form.querySelectorAll("tbody input[type=checkbox]"));
    var chosen = boxes.filter(function (box) { return box.checked; }).length;
    form.querySelectorAll("[data-chosen]").forEach(function (place) { place.textContent = String(chosen); });
    form.querySelectorAll(".bulk").forEach(function (bar) { bar.classList.toggle("bulk-chosen", chosen > 0); });
    form.querySelectorAll("[data-needs-choice]").forEach(function (button) { button.disabled = chosen === 0; });
    form.querySelectorAll("[data-choose-all]").forEach(function (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    });
  }

  function countLetters(area) {
    var place = document.getElementById(area.id + "_count");
    if (!place) {
      place = document.createElement("p");
      place.id = area.id + "_count";
      place.className = "hint";
      area.after(place);
    }
    place.textContent = "已写 " + Array.from(area.value).length + " 字，最多 " + area.maxLength + " 字";
  }

  function prepare(root) {
    root.querySelectorAll("form[data-bulk]").forEach(countChosen);
    root.querySelectorAll("textarea[maxlength]").forEach(countLetters);
    root.querySelectorAll("[data-only-with-js]").forEach(function (part) { part.hidden = false; });
    var problems = root.querySelector(".problems");
    if (problems) problems.focus();
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-choose-all]")) {
      form.querySelectorAll("tbody input[type=checkbox]").forEach(function (box) { box.checked = event.target.checked; });
    }
    countChosen(form);
  });

  document.addEventListener("input", function (event) {
    if (event.target.matches("textarea[maxlength]")) countLetters(event.target);
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A second press while the first is on its way would send the form twice.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  });

  document.addEventListener("DOMContentLoaded", function () { prepare(document); });
  document.addEventListener("htmx:afterSettle", function (event) { prepare(event.target); });
})();
