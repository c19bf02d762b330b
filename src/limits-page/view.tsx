// The limits page as HTML. All text goes through JSX, which escapes it; style and script are files of their own.
// biome-ignore-all lint/a11y/noRedundantRoles: browsers forget a table's own roles where a style makes blocks of its rows.

import type { Child } from "hono/jsx";
import type { Block, Cell, Code, Inline, Page, Section, Standing, Text } from "./page.ts";

/** Addresses of what the page loads. */
export interface Links {
  readonly stylesheet: string;
  readonly script: string;
}

/** The whole document. */
export function html(page: Page, links: Links): string {
  return `<!doctype html>${(<Document page={page} links={links} />).toString()}`;
}

function Document({ page, links }: { page: Page; links: Links }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{page.title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={links.stylesheet} />
        <script src={links.script} type="module" />
      </head>
      <body>
        <a class="skip" href="#limits">
          Skip to the limits
        </a>
        <header>
          <h1>{page.title}</h1>
          <p>
            <Sentence text={page.lead} />
          </p>
          <nav aria-label="On this page">
            <ul>
              {page.sections.map(({ id, title }) => (
                <li>
                  <a href={`#${id}`}>{title}</a>
                </li>
              ))}
            </ul>
          </nav>
        </header>
        <main>
          {page.sections.map((section) => (
            <SectionView section={section} />
          ))}
        </main>
      </body>
    </html>
  );
}

function SectionView({ section: { id, title, blocks } }: { section: Section }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {blocks.map((block) => (
        <BlockView block={block} />
      ))}
    </section>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "text":
      return (
        <p>
          <Sentence text={block.text} />
        </p>
      );
    case "list":
      return (
        <ul>
          {block.items.map((item) => (
            <li>
              <Sentence text={item} />
            </li>
          ))}
        </ul>
      );
    case "table":
      return <Table {...block} />;
    case "code":
      return <CodeView {...block} />;
    case "example":
      return (
        <details open={block.isOpen}>
          <summary>
            <strong>{block.title}</strong>{" "}
            <span>
              <Sentence text={block.when} />
            </span>
          </summary>
          <Scroll label={`${block.title}: ${plain(block.when)}`}>
            <pre>
              <code>{block.code}</code>
            </pre>
          </Scroll>
        </details>
      );
    case "standing":
      return <StandingView {...block} />;
  }
}

function Table({ caption, head, rows, isWide }: Extract<Block, { kind: "table" }>) {
  return (
    <Scroll label={caption}>
      <table class={isWide ? "wide" : undefined} role="table">
        <caption>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {head.map((name) => (
              <th scope="col" role="columnheader">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(([name = [], ...values]) => (
            <tr role="row">
              <th scope="row" role="rowheader">
                <Lines cell={name} />
              </th>
              {values.map((value, index) => (
                <td role="cell" data-head={head[index + 1]}>
                  <Lines cell={value} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Lines({ cell }: { cell: Cell }) {
  return cell.map((line) => (
    <div>
      <Sentence text={line} />
    </div>
  ));
}

function CodeView({ title, code }: Code) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Scroll label={title}>
        <pre>
          <code>{code}</code>
        </pre>
      </Scroll>
    </figure>
  );
}

/** What may be wider than a phone: scrolls by itself, by keyboard as well. */
function Scroll({ label, children }: { label: string; children?: Child }) {
  return (
    <section class="scroll" aria-label={label} tabindex={0}>
      {children}
    </section>
  );
}

/** The form is hidden until the script shows it, in place of the sentence: without a script it could do nothing. */
function StandingView({ path, source }: Standing) {
  const isCookie = source.in === "cookie";
  const name = source.in === "bearer" ? "" : source.name;
  return (
    <>
      <form class="standing" data-path={path} data-in={source.in} data-name={name} hidden>
        {isCookie ? (
          <p>Your standing is looked up with the cookie that you are signed in by.</p>
        ) : (
          <>
            <label for="key">API key</label>
            <input
              id="key"
              type="password"
              required
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              aria-describedby="key-note"
            />
          </>
        )}
        <button type="submit">Show my standing</button>
        {isCookie || (
          <p id="key-note">
            The key stays in this page: it is sent to <code>{path}</code> alone, kept nowhere, and gone when
            you leave.
          </p>
        )}
      </form>
      <div id="standing" aria-live="polite">
        <p>With JavaScript this page shows your standing here.</p>
      </div>
    </>
  );
}

function Sentence({ text }: { text: Text }) {
  return <>{text.map(piece)}</>;
}

function plain(text: Text): string {
  return text
    .map((part) => (typeof part === "string" ? part : "code" in part ? part.code : part.text))
    .join("");
}

function piece(part: Inline) {
  if (typeof part === "string") return part;
  if ("code" in part) return <code>{part.code}</code>;
  return <a href={part.href}>{part.text}</a>;
}
