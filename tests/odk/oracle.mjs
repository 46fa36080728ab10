// Reads jobs from stdin, one JSON object a line: {"form": XForm text, "answers": [[name, value], …]}.
// Prints for each job one JSON line: {"steps": [{relevant, values, invalid, missing}, …]} or {"error"}.
// The first step is the form as it opens. With --time the line also holds milliseconds.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
for (const name of [
  'Attr', 'CDATASection', 'CharacterData', 'Comment', 'Document', 'DOMParser', 'Element', 'Node',
  'NodeFilter', 'ProcessingInstruction', 'Text', 'XMLDocument', 'XMLSerializer', 'XPathResult',
]) {
  globalThis[name] = window[name];
}
// The engine's parser takes Node for CommonJS and asks for these.
globalThis.document = window.document;
globalThis.__dirname = import.meta.dirname;
globalThis.require = createRequire(import.meta.url);

const { createInstance } = await import('@getodk/xforms-engine');

const GROUPS = new Set(['root', 'group', 'subtree']);

function leavesOf(root) {
  const leaves = [];
  const visit = (node) => {
    for (const child of node.currentState.children ?? []) {
      if (GROUPS.has(child.nodeType)) {
        if (nameOf(child) !== 'meta') visit(child);
      } else {
        leaves.push(child);
      }
    }
  };
  visit(root);
  return leaves;
}

const nameOf = (node) => node.currentState.reference.split('/').at(-1);

function snapshot(leaves) {
  const relevant = [];
  const values = {};
  const invalid = [];
  const missing = [];
  for (const leaf of leaves) {
    if (!leaf.currentState.relevant) continue;
    const name = nameOf(leaf);
    relevant.push(name);
    const text = leaf.currentState.instanceValue;
    if (text !== '') values[name] = text;
    const { violation } = leaf.validationState;
    if (violation != null) invalid.push(name);
    if (violation?.condition === 'required') missing.push(name);
  }
  return { relevant, values, invalid, missing };
}

function answer(leaf, text) {
  switch (leaf.nodeType) {
    case 'select':
      leaf.selectValues(
        leaf.selectType === 'select' ? text.split(' ').filter(Boolean) : text === '' ? [] : [text],
      );
      break;
    case 'trigger':
      leaf.setValue(text === 'OK');
      break;
    default:
      leaf.setValue(text);
  }
}

async function run({ form, answers, timed }) {
  const before = performance.now();
  const { root } = await createInstance(form);
  const loaded = performance.now();
  const leaves = leavesOf(root);
  const byName = new Map(leaves.map((leaf) => [nameOf(leaf), leaf]));
  const steps = [snapshot(leaves)];
  for (const [name, text] of answers) {
    let error;
    try {
      answer(byName.get(name), text);
    } catch (caught) {
      error = String(caught.message ?? caught);
    }
    steps.push(error ? { error } : snapshot(leaves));
  }
  const done = performance.now();
  return timed ? { steps, load: loaded - before, answers: done - loaded } : { steps };
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await run(JSON.parse(line));
  } catch (caught) {
    result = { error: String(caught.cause?.message ?? caught.message ?? caught) };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
