"""The report as a reader meets it: in Chromium, with pointer, keyboard, phone, dark screen and printer."""

from __future__ import annotations

import json
import os
import re

import pytest
from chromium import screen

if os.environ.get("REQUIRE_BROWSER") != "1":
    pytest.importorskip("selenium", reason="no selenium; set REQUIRE_BROWSER=1 to fail instead")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SHOWN = (
    "return [...document.querySelectorAll('[data-{0}]')].filter(e => e.getClientRects().length).map(e => e.dataset.{0})"
)
VISIBLE_CARDS, ENTRIES = SHOWN.format("claim"), SHOWN.format("entry")
FOCUSED = "const e = document.activeElement; return e.closest('[data-entry]')?.dataset.entry ?? e.dataset?.node ?? e.id"


def ids(browser):
    return [c["id"] for c in json.loads(browser.execute_script("return document.getElementById('index').textContent"))]


def at(browser, page, address):
    browser.get(f"{page.as_uri()}#{address}")


def press(browser, *keys):
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def test_it_loads_nothing_from_anywhere(shown, page):
    assert shown.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert not re.findall(r"(?:src|srcset|action)=|<link|@import|url\((?!#)", page.read_text(encoding="utf-8"))
    assert page.stat().st_size < 8_000_000
    run = json.loads(shown.execute_script("return document.getElementById('run').textContent"))
    assert {c["id"] for c in run["claims"]} <= set(ids(shown))


def test_every_claim_by_its_address(shown, page):
    for id in ids(shown):
        at(shown, page, f"claim={id}")
        assert shown.execute_script(VISIBLE_CARDS) == [id]
        assert shown.title.startswith(f"{id} ")


def test_every_claim_by_click(shown, page):
    # one list is clicked through; more would run into Chromium's limit of 200 addresses in 10 seconds
    opened = shown.execute_script("""
      return [...document.querySelectorAll('#list .entry')].map(link => {
        link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
        return [...document.querySelectorAll('[data-claim]:not([hidden])')].map(c => c.dataset.claim).join();
      });""")
    assert opened == ids(shown)
    for links in (".tile", "#all-claims .node"):
        hrefs = [link.get_dom_attribute("href") for link in shown.find_elements(By.CSS_SELECTOR, links)]
        assert sorted(h.partition("#claim=")[2] for h in hrefs) == sorted(ids(shown))
        at(shown, page, "")
        shown.execute_script("document.getElementById('all-claims').open = true")
        shown.find_elements(By.CSS_SELECTOR, links)[-1].click()
        assert shown.execute_script(VISIBLE_CARDS) == [hrefs[-1].partition("#claim=")[2]]
    shown.back()
    assert shown.execute_script(VISIBLE_CARDS) == []


def test_formulas_are_drawn(shown):
    boxes = shown.execute_script("""
      document.querySelectorAll('[hidden]').forEach(e => (e.hidden = false));
      document.querySelectorAll('details').forEach(e => (e.open = true));
      return [...document.querySelectorAll('math')].map(m => {
        const r = m.getBoundingClientRect();
        return [r.width, r.height, m.textContent.trim()];
      });""")
    assert len(boxes) > 2000
    assert [b for b in boxes if b[0] < 3 or b[1] < 1] == []
    assert [b[2] for b in boxes if "\\" in b[2]] == []
    assert shown.find_elements(By.CSS_SELECTOR, "code.tex") == []


def test_filters_work_and_live_in_the_address(shown, page):
    every = ids(shown)
    outcomes = {
        c["id"]: c["outcome"]
        for c in json.loads(shown.execute_script("return document.getElementById('index').textContent"))
    }
    shown.find_element(By.CSS_SELECTOR, "[data-filter='fails']").click()
    expected = [i for i in every if outcomes[i] == "fails"]
    assert shown.execute_script(ENTRIES) == expected
    assert "filter=fails" in shown.current_url
    assert f"{len(expected)} of {len(every)}" in shown.find_element(By.ID, "shown").text
    dimmed = shown.execute_script("return [...document.querySelectorAll('.tile:not(.dim)')].map(t => t.dataset.tile)")
    assert sorted(dimmed) == sorted(expected)

    shown.find_element(By.ID, "search").send_keys("prop-8")
    narrower = [i for i in expected if i.startswith("prop-8")]
    assert narrower
    assert set(narrower) <= set(shown.execute_script(ENTRIES)) < set(expected)
    kept = shown.execute_script(ENTRIES)
    shown.refresh()
    assert shown.execute_script(ENTRIES) == kept
    shown.find_element(By.CSS_SELECTOR, f"[data-entry='{kept[0]}'] .entry").click()
    assert re.search(r"claim=.*filter=fails.*q=prop-8", shown.current_url)
    shown.find_element(By.ID, "clear").click()
    assert shown.execute_script(ENTRIES) == every
    assert shown.current_url.endswith(f"#claim={kept[0]}")

    at(shown, page, "engine=smt&section=2+Optimal+latent+dimension")
    some = shown.execute_script(ENTRIES)
    assert some
    sections = {
        c["id"]: c["section"]
        for c in json.loads(shown.execute_script("return document.getElementById('run').textContent"))["claims"]
    }
    assert {sections[i] for i in some} == {"2 Optimal latent dimension"}


def test_depth_shows_more_and_less(shown, page):
    at(shown, page, "claim=prop-5")
    count = "return document.querySelectorAll('#focus-graph .node').length"
    near = shown.execute_script(count)
    at(shown, page, "claim=prop-5&depth=all")
    assert 1 < near < shown.execute_script(count)
    assert shown.find_element(By.ID, "depth").get_attribute("value") == "all"
    overlaps = """
      const r = [...document.querySelectorAll('#focus-graph .box')].map(b => b.getBoundingClientRect());
      const cross = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return r.some((a, i) => r.some((b, j) => i < j && cross(a, b)));"""
    assert shown.execute_script(overlaps) is False


def test_an_unknown_claim_is_the_overview(shown, page):
    at(shown, page, "claim=no-such&depth=99&filter=%3Cb%3E")
    assert shown.execute_script(VISIBLE_CARDS) == []
    assert shown.find_element(By.ID, "overview").is_displayed()


def test_keyboard(shown, page):
    first, second = ids(shown)[:2]
    press(shown, Keys.TAB)
    assert shown.switch_to.active_element.text == "Skip to the content"
    press(shown, Keys.ENTER)
    assert shown.execute_script(FOCUSED) == "main"
    press(shown, "/")
    assert shown.execute_script(FOCUSED) == "search"
    press(shown, Keys.ARROW_DOWN)
    assert shown.execute_script(FOCUSED) == first
    outline = shown.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press(shown, Keys.ARROW_DOWN)
    assert shown.execute_script(FOCUSED) == second
    press(shown, Keys.ENTER)
    assert shown.execute_script(VISIBLE_CARDS) == [second]
    assert shown.execute_script(FOCUSED) == f"title={second}"
    press(shown, Keys.ARROW_RIGHT)
    assert shown.execute_script(VISIBLE_CARDS) == [ids(shown)[2]]
    press(shown, Keys.ESCAPE)
    assert shown.execute_script(VISIBLE_CARDS) == []
    assert shown.execute_script(FOCUSED) == ids(shown)[2]
    at(shown, page, "claim=prop-5")
    shown.execute_script("document.querySelector('#focus-graph .node.here').focus()")
    press(shown, Keys.ARROW_LEFT)
    reached = shown.execute_script(FOCUSED)
    assert reached != "prop-5"
    press(shown, Keys.ENTER)
    assert shown.execute_script(VISIBLE_CARDS) == [reached]


@pytest.mark.parametrize("address", ["", "claim=prop-5", "claim=headline-b", "claim=prop-7", "claim=prop-8"])
def test_a_phone_never_scrolls_sideways(shown, page, address):
    screen(shown, 360, 740)
    at(shown, page, address)
    shown.execute_script("document.querySelectorAll('main details').forEach(d => (d.open = true))")
    assert shown.execute_script("return document.documentElement.scrollWidth") <= 360


CONTRAST = """
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !e.getClientRects().length || e.closest('svg, .sr, i, .skip, .dim')) continue;
    let under = e, plain = true;
    while (under && (rgb(getComputedStyle(under).backgroundColor)[3] === 0)) {
      if (getComputedStyle(under).backgroundImage !== 'none') plain = false;
      under = under.parentElement;
    }
    if (!plain || !under || getComputedStyle(under).backgroundImage !== 'none') continue;
    const [a, b] = [lum(rgb(getComputedStyle(e).color)), lum(rgb(getComputedStyle(under).backgroundColor))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(`${e.className} ${texts.currentNode.data.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(shown, page, scheme):
    screen(shown, 1280, 900, scheme)
    for address in ("", "claim=prop-5", "claim=prop-2b", "claim=eq-9/finite", "claim=import/weyl"):
        at(shown, page, address)
        shown.execute_script("document.querySelectorAll('main details').forEach(d => (d.open = true))")
        assert shown.execute_script(CONTRAST) == []


def test_the_theme_follows_the_system_until_it_is_chosen(shown):
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = shown.execute_script(ground)
    screen(shown, 1280, 900, "dark")
    dark = shown.execute_script(ground)
    assert light != dark
    button = shown.find_element(By.ID, "theme")
    button.click()
    assert (button.text, shown.execute_script(ground)) == ("Theme: light", light)
    shown.refresh()
    assert shown.execute_script(ground) == light
    button = shown.find_element(By.ID, "theme")
    button.click()
    button.click()
    assert (button.text, shown.execute_script(ground)) == ("Theme: auto", dark)


def test_print_shows_the_claim_and_not_the_controls(shown, page):
    at(shown, page, "claim=prop-5")
    screen(shown, 1280, 900, medium="print")
    for control in (".sidebar", "#focus-bar", "#depth"):
        assert not shown.find_element(By.CSS_SELECTOR, control).is_displayed()
    shown.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert shown.find_element(By.CSS_SELECTOR, "[data-claim='prop-5'] .obligations").is_displayed()
    shown.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not shown.find_element(By.CSS_SELECTOR, "[data-claim='prop-5'] .obligations").is_displayed()


def test_it_is_whole_without_script(shown, page, tmp_path):
    still = tmp_path / "still.html"
    text = page.read_text(encoding="utf-8")
    still.write_text(re.sub(r'<script>"use strict".*?</script>', "", text, flags=re.DOTALL), encoding="utf-8")
    every = ids(shown)
    shown.get(still.as_uri())
    assert shown.execute_script(VISIBLE_CARDS) == every
    assert not shown.find_element(By.CSS_SELECTOR, "form.filters").is_displayed()
    shown.get(f"{still.as_uri()}#claim=prop-9")
    assert 0 <= shown.execute_script("return document.getElementById('claim=prop-9').getBoundingClientRect().top") < 900


def test_structure_for_those_who_do_not_see_it(shown, page):
    problems = """
      const out = [];
      const seen = new Set();
      for (const e of document.querySelectorAll('[id]')) {
        if (seen.has(e.id)) out.push('twice: ' + e.id);
        seen.add(e.id);
      }
      for (const e of document.querySelectorAll('[aria-labelledby]')) {
        const label = document.getElementById(e.getAttribute('aria-labelledby'));
        if (!label) out.push('no label ' + e.outerHTML.slice(0, 80));
      }
      let level = 0;
      for (const h of [...document.querySelectorAll('h1, h2, h3, h4, h5')].filter(h => h.getClientRects().length)) {
        const now = Number(h.tagName[1]);
        if (now > level + 1) out.push(`h${level} then h${now}: ${h.textContent}`);
        level = now;
      }
      for (const s of document.querySelectorAll('svg:not([aria-hidden])')) {
        if (!s.querySelector('title')?.textContent) out.push('no title: ' + s.outerHTML.slice(0, 80));
      }
      for (const c of document.querySelectorAll('input, select')) if (!c.labels.length) out.push('no label: ' + c.id);
      for (const b of document.querySelectorAll('button, a')) {
        if (!b.textContent.trim() && !b.getAttribute('aria-label')) out.push('no name: ' + b.outerHTML.slice(0, 80));
      }
      for (const n of ['main', 'nav', 'h1']) if (document.querySelectorAll(n).length !== 1) out.push('not one ' + n);
      return out;"""
    assert shown.execute_script(problems) == []
    at(shown, page, "claim=prop-5")
    shown.execute_script("document.querySelectorAll('main details').forEach(d => (d.open = true))")
    assert shown.execute_script(problems) == []


def test_what_is_copied_and_downloaded(shown, page):
    at(shown, page, "claim=prop-5/eq-21")
    shown.execute_script("document.querySelectorAll('main details').forEach(d => (d.open = true))")
    card = shown.find_element(By.CSS_SELECTOR, "[data-claim='prop-5/eq-21']")
    assert "latent-stopping verify prop-5/eq-21 --no-cache" in card.text
    assert "note          = {Proposition 5, equation (21)}" in card.text
    card.find_element(By.CSS_SELECTOR, ".copy").click()
    assert card.find_element(By.CSS_SELECTOR, ".copy").text in ("Copied", "Selected")
