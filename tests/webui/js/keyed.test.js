// A table's rows from one drawing to the next, on elements that know only what is needed here.
import assert from "node:assert/strict";
import test from "node:test";
import { Keyed } from "../../../gluten/webui/static/js/lib/keyed.js";

class Cell {
  constructor(text) {
    this.text = text;
  }

  isEqualNode(other) {
    return this.text === other.text;
  }

  replaceWith(other) {
    this.row.children[this.row.children.indexOf(this)] = other;
    other.row = this.row;
  }
}

class Row {
  constructor(...texts) {
    this.children = texts.map((text) => Object.assign(new Cell(text), { row: this }));
  }

  get nextElementSibling() {
    return this.body.rows[this.body.rows.indexOf(this) + 1] ?? null;
  }

  remove() {
    this.body.rows.splice(this.body.rows.indexOf(this), 1);
  }
}

class Body {
  rows = [];

  get firstElementChild() {
    return this.rows[0] ?? null;
  }

  insertBefore(row, place) {
    if (this.rows.includes(row)) row.remove();
    this.rows.splice(place ? this.rows.indexOf(place) : this.rows.length, 0, row);
    row.body = this;
  }

  get texts() {
    return this.rows.map((row) => row.children.map((cell) => cell.text).join(" "));
  }
}

function table() {
  const body = new Body();
  const make = ([name, value]) => new Row(name, value);
  const rows = new Keyed(body, { make, key: ([name]) => name, shown: (item) => item.join("\n") });
  return { body, rows };
}

test("rows are drawn in the order of the items, whatever it was before", () => {
  const { body, rows } = table();
  for (const order of ["abc", "cab", "b", "", "bd"]) {
    rows.draw([...order].map((name) => [name, "1"]));
    assert.deepEqual(
      body.texts,
      [...order].map((name) => `${name} 1`),
    );
  }
});

test("a row stays, and only the cells that changed are other ones", () => {
  const { body, rows } = table();
  rows.draw([
    ["a", "1"],
    ["b", "1"],
  ]);
  const [a, b] = body.rows;
  const [name] = a.children;
  rows.draw([
    ["b", "1"],
    ["a", "2"],
  ]);
  assert.deepEqual(body.texts, ["b 1", "a 2"]);
  assert.ok(body.rows[0] === b && body.rows[1] === a);
  assert.equal(a.children[0], name);
});
