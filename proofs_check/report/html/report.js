"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = (id) => JSON.parse(byId(id).textContent);
  const claims = data("index");
  const drawings = data("drawings");
  const place = new Map(claims.map((c, i) => [c.id, i]));
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const narrow = matchMedia("(max-width: 860px)");
  const depths = ["1", "2", "3", "all"];
  const title = document.title;
  let shownClaim = null;
  let lastFilter = null;

  // --- the state lives in the URL, and nowhere else --------------------------------------------------------------
  function state() {
    const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    const claim = given.get("claim");
    return {
      claim: place.has(claim) ? claim : null,
      rule: given.get("rule"),
      depth: depths.includes(given.get("depth")) ? given.get("depth") : "1",
      filter: (given.get("filter") || "").split(",").filter(Boolean),
      section: given.get("section") || "",
      engine: given.get("engine") || "",
      q: given.get("q") || "",
    };
  }

  function address(changes) {
    const next = { ...state(), rule: null, ...changes };
    const given = new URLSearchParams();
    if (next.claim) given.set("claim", next.claim);
    if (next.rule) given.set("rule", next.rule);
    if (next.depth !== "1") given.set("depth", next.depth);
    if (next.filter.length) given.set("filter", next.filter.join(","));
    for (const key of ["section", "engine", "q"]) if (next[key]) given.set(key, next[key]);
    return "#" + given.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  }

  function go(changes, replace = false) {
    history[replace ? "replaceState" : "pushState"](null, "", address(changes));
    show();
  }

  // --- filters ---------------------------------------------------------------------------------------------------
  function passing(s) {
    const words = s.q.toLowerCase().split(/\s+/).filter(Boolean);
    return new Set(
      claims
        .filter(
          (c) =>
            (!s.filter.length || s.filter.includes(c.outcome)) &&
            (!s.section || c.section === s.section) &&
            (!s.engine || c.engines.includes(s.engine)) &&
            words.every((w) => c.text.includes(w)),
        )
        .map((c) => c.id),
    );
  }

  function showFilters(s, visible) {
    const asked = JSON.stringify([s.filter, s.section, s.engine, s.q]);
    if (asked === lastFilter) return;
    lastFilter = asked;
    for (const button of all("[data-filter]")) {
      button.setAttribute("aria-pressed", String(s.filter.includes(button.dataset.filter)));
    }
    byId("section").value = s.section;
    byId("engine").value = s.engine;
    if (document.activeElement !== byId("search")) byId("search").value = s.q;
    const filtered = visible.size < claims.length || Boolean(s.filter.length || s.section || s.engine || s.q);
    byId("shown").textContent = `${visible.size} of ${claims.length} claims`;
    byId("clear").hidden = !filtered;
    for (const entry of all("[data-entry]")) entry.hidden = !visible.has(entry.dataset.entry);
    for (const part of all("[data-section]")) part.hidden = !part.querySelector("[data-entry]:not([hidden])");
    for (const item of all("[data-finding]")) item.hidden = !visible.has(item.dataset.finding);
    for (const tile of all("[data-tile]")) tile.classList.toggle("dim", !visible.has(tile.dataset.tile));
    for (const node of all("[data-node]")) node.classList.toggle("dim", !visible.has(node.dataset.node));
  }

  // --- the graph around a claim: boxes are copies of those in the drawing of all claims ------------------------------
  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  function drawFocus(s, visible) {
    const box = byId("focus-graph");
    const found = drawings[s.claim];
    let drawing = found[depths.indexOf(s.depth)];
    if (typeof drawing === "number") drawing = found[drawing];
    const [width, height, boxes, edges] = drawing;
    byId("depth").value = s.depth;
    if (boxes.length === 1) {
      box.textContent = "It rests on no other claim, and no other claim rests on it.";
      return;
    }
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "graph", role: "group" });
    const name = svg("title", {});
    name.textContent = `What ${s.claim} rests on (left) and what rests on it (right)`;
    const lines = svg("g", { "aria-hidden": "true" });
    for (const [from, to, kind, d] of edges) {
      lines.append(svg("path", { d, class: `edge e-${kind}`, "marker-end": "url(#arrow)" }));
    }
    picture.append(name, lines);
    for (const [index, x, y, w] of boxes) {
      const id = claims[index].id;
      const node = document.querySelector(`#all-claims [data-node="${CSS.escape(id)}"]`).cloneNode(true);
      node.setAttribute("transform", `translate(${x} ${y})`);
      node.querySelector(".box").setAttribute("width", w);
      node.classList.toggle("here", id === s.claim);
      node.classList.toggle("dim", !visible.has(id) && id !== s.claim);
      if (id === s.claim) node.setAttribute("aria-current", "true");
      picture.append(node);
    }
    box.replaceChildren(picture);
    const [, x, y, w] = boxes.find(([index]) => claims[index].id === s.claim);
    box.scrollLeft = x + w / 2 - box.clientWidth / 2;
    box.scrollTop = y - box.clientHeight / 2;
  }

  // --- one claim, or the overview ------------------------------------------------------------------------------------
  function neighbours(s, visible) {
    const order = claims.map((c) => c.id).filter((id) => visible.has(id) || id === s.claim);
    const i = order.indexOf(s.claim);
    return [order[i - 1], order[i + 1]];
  }

  function showClaim(s, visible) {
    for (const card of all("[data-claim]")) card.hidden = card.dataset.claim !== s.claim;
    byId("overview").hidden = Boolean(s.claim);
    byId("claims").hidden = !s.claim;
    document.body.classList.toggle("focused", Boolean(s.claim));
    byId("focus-bar").hidden = byId("focus-panel").hidden = !s.claim;
    for (const entry of all(".entry")) {
      const here = entry.parentElement.dataset.entry === s.claim;
      if (here) entry.setAttribute("aria-current", "page");
      else entry.removeAttribute("aria-current");
    }
    if (!s.claim) {
      document.title = title;
      return;
    }
    const card = byId(`claim=${s.claim}`);
    card.querySelector(".graph-slot").append(byId("focus-panel"));
    drawFocus(s, visible);
    const steps = neighbours(s, visible);
    ["previous", "next"].forEach((name, i) => {
      byId(name).hidden = !steps[i];
      if (steps[i]) byId(name).href = address({ claim: steps[i] });
    });
    byId("back").href = address({ claim: null });
    document.title = `${s.claim} · ${title}`;
  }

  function keepInSight(entry) {
    const side = document.querySelector(".sidebar");
    const [here, frame] = [entry.getBoundingClientRect(), side.getBoundingClientRect()];
    if (here.top < frame.top || here.bottom > frame.bottom) side.scrollTop += here.top - frame.top - frame.height / 2;
  }

  function show() {
    const s = state();
    const visible = passing(s);
    showFilters(s, visible);
    showClaim(s, visible);
    if (s.claim !== shownClaim) {
      const before = shownClaim;
      shownClaim = s.claim;
      if (s.claim) {
        if (narrow.matches) byId("panel").open = false;
        byId(`title=${s.claim}`).focus({ preventScroll: true });
        scrollTo(0, narrow.matches ? byId("main").offsetTop : 0);
        keepInSight(document.querySelector(".entry[aria-current]"));
        byId("status").textContent = `Claim ${s.claim}, ${byId(`claim=${s.claim}`).dataset.word}`;
      } else {
        scrollTo(0, 0);
        if (before) document.querySelector(`[data-entry="${CSS.escape(before)}"] a`)?.focus({ preventScroll: true });
        byId("status").textContent = "Overview";
      }
    } else {
      byId("status").textContent = byId("shown").textContent;
    }
    if (s.rule) byId(`rule=${s.rule}`)?.scrollIntoView();
  }

  // --- pointer and keyboard --------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const href = link.getAttribute("href");
    event.preventDefault();
    if (href === "#main") byId("main").focus();
    else if (href === "#") go({ claim: null });
    else {
      const given = new URLSearchParams(href.slice(1));
      if (given.has("rule")) go({ claim: null, rule: given.get("rule") });
      else go({ claim: given.get("claim") });
    }
  });
  for (const button of all("[data-filter]")) {
    button.addEventListener("click", () => {
      const name = button.dataset.filter;
      const { filter } = state();
      go({ filter: filter.includes(name) ? filter.filter((f) => f !== name) : [...filter, name] }, true);
    });
  }
  byId("section").addEventListener("change", (event) => go({ section: event.target.value }, true));
  byId("engine").addEventListener("change", (event) => go({ engine: event.target.value }, true));
  byId("search").addEventListener("input", (event) => go({ q: event.target.value.trim() }, true));
  byId("depth").addEventListener("change", (event) => go({ depth: event.target.value }, true));
  byId("clear").addEventListener("click", () => {
    byId("search").value = "";
    go({ filter: [], section: "", engine: "", q: "" }, true);
    byId("search").focus();
  });
  document.querySelector("form.filters").addEventListener("submit", (event) => event.preventDefault());

  function alongList(event, entry) {
    const shown = all("[data-entry]:not([hidden]) .entry").filter((e) => e.getClientRects().length);
    const i = shown.indexOf(entry);
    const target = { ArrowDown: shown[i + 1], ArrowUp: shown[i - 1], Home: shown[0], End: shown.at(-1) }[event.key];
    if (!target) return;
    event.preventDefault();
    target.focus();
  }

  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function alongGraph(event, node) {
    const [dx, dy] = directions[event.key];
    const centre = (n) => {
      const r = n.querySelector(".box").getBoundingClientRect();
      return [r.x + r.width / 2, r.y + r.height / 2];
    };
    const [x, y] = centre(node);
    let best = null;
    let least = Infinity;
    for (const other of all(".node", node.ownerSVGElement)) {
      const [u, v] = centre(other);
      const ahead = (u - x) * dx + (v - y) * dy;
      const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      if (ahead > 4 && ahead + 2 * aside < least) [best, least] = [other, ahead + 2 * aside];
    }
    event.preventDefault();
    if (!best) return;
    best.focus();
    best.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    const typing = target.matches("input, select, textarea");
    if (event.key === "Escape") {
      if (typing && target.value && target.type === "search") {
        target.value = "";
        go({ q: "" }, true);
      } else if (state().claim) go({ claim: null });
    } else if (typing) {
      if (event.key === "ArrowDown" && target.id === "search") {
        event.preventDefault();
        document.querySelector("[data-entry]:not([hidden]) .entry")?.focus();
      }
    } else if (event.key === "/") {
      event.preventDefault();
      byId("panel").open = true;
      byId("search").focus();
    } else if (target.closest(".entry") && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      alongList(event, target.closest(".entry"));
    } else if (target.closest(".node") && event.key in directions) {
      alongGraph(event, target.closest(".node"));
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key) && !target.closest(".scroll") && state().claim) {
      const step = byId(event.key === "ArrowLeft" ? "previous" : "next");
      if (!step.hidden) step.click();
    }
  });

  // --- theme, copying, the run, printing ---------------------------------------------------------------------------------
  const themes = ["auto", "light", "dark"];
  function setTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    byId("theme").textContent = `Theme: ${theme}`;
  }
  let theme = "auto";
  try {
    theme = localStorage.getItem("latent-stopping-theme") || "auto";
  } catch {
    // storage may be switched off; the choice then lasts as long as the page
  }
  setTheme(themes.includes(theme) ? theme : "auto");
  byId("theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || "auto";
    const next = themes[(themes.indexOf(now) + 1) % themes.length];
    setTheme(next);
    try {
      localStorage.setItem("latent-stopping-theme", next);
    } catch {
      // as above
    }
  });

  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  }
  byId("download").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([byId("run").textContent], { type: "application/json" }));
    link.download = "latent-stopping-run.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    const page = shownClaim ? byId(`claim=${shownClaim}`) : byId("findings").parentElement;
    opened = all("details:not([open])", page).filter((d) => !d.closest(".obligation"));
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  document.body.classList.remove("no-script");
  if (narrow.matches) byId("panel").open = false;
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  show();
})();
