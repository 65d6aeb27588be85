// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A language client without an editor: opens topology files in yaml-language-server with our
// schema, as an editor would, and looks at what it says.
//
//   node check.mjs SERVER SCHEMA FILE...
//
// A file may say what is to be found in it, in comment lines `#! LINE TEXT`: an error of that line
// whose message holds TEXT. A file without such lines must be clean. Line 0 asks for completion:
// `#! 0 LINE:COLUMN WORD...` - these words are among those that are offered there.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [server, schema, ...files] = process.argv.slice(2);
const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('error', (error) => { console.error(String(error)); process.exit(1); });

const settings = { yaml: { schemas: { [pathToFileURL(resolve(schema)).href]: '*' }, validate: true,
  completion: true, hover: true, schemaStore: { enable: false } }, http: {}, '[yaml]': {}, editor: {}, files: {} };
const answers = new Map();
const diagnostics = new Map();
let next = 0;

function send(message) {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
function ask(method, params) {
  const id = ++next;
  send({ id, method, params });
  return new Promise((done) => answers.set(id, done));
}
function take(message) {
  if (message.method === 'textDocument/publishDiagnostics') {
    diagnostics.get(message.params.uri)?.(message.params.diagnostics);
  } else if (message.method === 'workspace/configuration') {
    send({ id: message.id, result: message.params.items.map((item) => settings[item.section] ?? null) });
  } else if (message.method !== undefined && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (message.id !== undefined) {
    answers.get(message.id)?.(message.result);
  }
}

let buffer = Buffer.alloc(0);
child.stdout.on('data', (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (buffer.length < end + 4 + length) return;
    const text = buffer.subarray(end + 4, end + 4 + length).toString();
    buffer = buffer.subarray(end + 4 + length);
    take(JSON.parse(text));
  }
});

let failures = 0;
function fail(file, text) {
  ++failures;
  console.log(`FAILED ${file}: ${text}`);
}

async function check(file) {
  const uri = pathToFileURL(resolve(file)).href;
  const text = readFileSync(file, 'utf8');
  const found = new Promise((done) => diagnostics.set(uri, done));
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
  const seen = (await found).map((d) => ({ line: d.range.start.line + 1, message: d.message }));
  const wanted = [...text.matchAll(/^#! (\d+) (.*)$/gm)].map((m) => ({ line: Number(m[1]), text: m[2] }));
  for (const want of wanted.filter((w) => w.line > 0)) {
    const index = seen.findIndex((d) => d.line === want.line && d.message.includes(want.text));
    if (index < 0) fail(file, `no finding in line ${want.line} with '${want.text}'`);
    else console.log(`  ${file}:${want.line}: ${seen.splice(index, 1)[0].message}`);
  }
  for (const more of seen) fail(file, `line ${more.line}: ${more.message}`);
  for (const want of wanted.filter((w) => w.line === 0)) {
    const [place, ...words] = want.text.split(' ');
    const [line, character] = place.split(':').map((n) => Number(n) - 1);
    const answer = await ask('textDocument/completion', { textDocument: { uri }, position: { line, character } });
    const offered = [...new Set((answer.items ?? answer).map((item) => item.label))].sort();
    if (words.every((word) => offered.includes(word))) console.log(`  ${file}:${place}: offers ${offered.join(' ')}`);
    else fail(file, `at ${place} it offers ${offered.join(' ')}`);
  }
}

const late = setTimeout(() => { console.error('no answer from the server in 120 s'); process.exit(1); }, 120_000);
await ask('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true,
  didChangeConfiguration: { dynamicRegistration: false } }, textDocument: { publishDiagnostics: {},
  completion: { completionItem: { snippetSupport: true } } } } });
send({ method: 'initialized', params: {} });
send({ method: 'workspace/didChangeConfiguration', params: { settings } });
for (const file of files) await check(file);
clearTimeout(late);
child.kill();
console.log(`${files.length} files, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
