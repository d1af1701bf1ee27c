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
    // data-longest counts without cutting off: what is too long stays, to be shortened.
    var written = Array.from(area.value).length, most = Number(area.dataset.longest) || area.maxLength;
    place.textContent = "已写 " + written + " 字，最多 " + most + " 字" + (written > most ? "，超出 " + (written - most) + " 字" : "");
    place.classList.toggle("bad", written > most);
  }

  // A form that saves itself: what was said about a field marks the field as well.
  function markWrong(root) {
    root.querySelectorAll(".said").forEach(function (said) {
      var control = document.getElementById(said.id.replace("said-", ""));
      if (!control) return;
      if (said.hasAttribute("data-wrong")) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    });
  }

  function notSaved(words) {
    var state = document.getElementById("save-state");
    if (!state) return;
    state.textContent = "";
    var strong = document.createElement("strong"), rest = document.createElement("span");
    strong.className = "bad";
    strong.textContent = "没有保存";
    rest.textContent = words;
    state.append(strong, " ", rest);
  }

  function prepare(root) {
    root.querySelectorAll("form[data-bulk]").forEach(countChosen);
    root.querySelectorAll("textarea[maxlength], textarea[data-longest]").forEach(countLetters);
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
    if (event.target.matches("textarea[maxlength], textarea[data-longest]")) countLetters(event.target);
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

  document.addEventListener("htmx:beforeOnLoad", function (event) {
    var form = event.target.closest && event.target.closest("[data-autosave]");
    if (!form) return;
    var status = event.detail.xhr.status;
    if (status === 401) {
      // Following the way to the sign-in page would lose what is on this one.
      event.preventDefault();
      notSaved("登录已结束。请在新窗口登录，再回到本页按“保存”；填写的内容都还在。");
    } else if (status === 403) {
      event.preventDefault();
      notSaved("页面已过期，请按“保存”；填写的内容都还在。");
    } else if (status >= 500) {
      notSaved("平台没有应答，请过一会儿按“保存”；填写的内容都还在。");
    }
  });
  document.addEventListener("htmx:sendError", function (event) {
    if (event.target.closest && event.target.closest("[data-autosave]")) notSaved("网络不通，接通后请按“保存”；填写的内容都还在。");
  });
  document.addEventListener("htmx:oobAfterSwap", function () { markWrong(document); });
})();
