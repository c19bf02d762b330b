// Runs in the reader's browser: asks weir where the windows of the reader's key stand, and shows it. The key stays in the
// form; nothing is stored.

import type { Usage } from "../../core/usage.ts";

const form = document.querySelector<HTMLFormElement>("form.standing");
const place = document.querySelector<HTMLElement>("#standing");

if (form && place) {
  form.hidden = false;
  place.replaceChildren();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button?.setAttribute("aria-disabled", "true");
    place.replaceChildren(await standing(form.dataset, form.querySelector("input")?.value.trim() ?? ""));
    button?.removeAttribute("aria-disabled");
  });
}

async function standing(
  { path = "", in: place, name = "" }: DOMStringMap,
  key: string,
): Promise<HTMLElement> {
  try {
    const query = place === "query" ? `?${new URLSearchParams({ [name]: key })}` : "";
    const headers = new Headers(
      place === "header" ? { [name]: key } : place === "bearer" ? { authorization: `Bearer ${key}` } : {},
    );
    const answer = await fetch(path + query, { headers, cache: "no-store", referrerPolicy: "no-referrer" });
    const content = await answer.json();
    return answer.ok
      ? table(content.windows)
      : message(content.detail ?? content.error ?? String(answer.status));
  } catch {
    return message("This could not be looked up. Try again in a moment.");
  }
}

function message(words: unknown): HTMLElement {
  return element("p", typeof words === "string" ? words : JSON.stringify(words));
}

function table(all: readonly Usage[]): HTMLElement {
  const windows = all.filter(({ mode }) => mode === undefined);
  if (windows.length === 0) return message("No limit has a window for this key.");
  const made = document.createElement("table");
  made.append(element("caption", `Your standing at ${time(new Date())}`));
  const head = made.createTHead().insertRow();
  for (const name of ["Limit", "Used", "Left", "Resets"]) {
    const cell = element("th", name);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const body = made.createTBody();
  for (const usage of windows) body.append(row(usage));
  return made;
}

function row({ limit, window, size, used, remaining, resetsAt }: Usage): HTMLElement {
  const made = document.createElement("tr");
  const name = element("th", `${limit} per ${window}`);
  name.setAttribute("scope", "row");
  const gauge = document.createElement("meter");
  Object.assign(gauge, { max: Math.max(size, 1), high: size * 0.8, optimum: 0, value: used });
  gauge.setAttribute("aria-label", `${limit} per ${window}: ${used} of ${size} used`);
  const cell = element("td", `${used.toLocaleString()} of ${size.toLocaleString()} `);
  cell.append(gauge);
  made.append(name, cell, element("td", remaining.toLocaleString()), element("td", time(new Date(resetsAt))));
  return made;
}

function time(at: Date): string {
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? at.toLocaleTimeString() : at.toLocaleString();
}

function element(tag: string, words: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}
