// What the tests of peers share: cases, docent and the fakes as processes, small HTTP.
'use strict';
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const docent = path.resolve(process.env.DOCENT || 'build/cc/docent');
const programs = path.dirname(docent);
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'docent-peers-'));
const children = [];
let failed = 0;

function check(name, good, told) {
    console.log(`${good ? 'ok' : 'not ok'} ${name}`);
    if (!good) {
        failed = 1;
        console.log(`#   ${JSON.stringify(told)}`);
    }
}

// Resolves once find() gives something true; undefined after ten seconds.
async function until(find) {
    for (let i = 0; i < 400; i++) {
        const found = find();
        if (found)
            return found;
        await new Promise((done) => setTimeout(done, 25));
    }
    return undefined;
}

// A program in the background. Its output is gathered in .text.
function start(file, args, env) {
    const child = spawn(file, args, { env: { ...process.env, HOME: work, XDG_STATE_HOME: work, ...env } });
    child.text = '';
    child.stdout.on('data', (bytes) => { child.text += bytes; });
    child.stderr.on('data', (bytes) => { child.text += bytes; });
    child.ended = new Promise((done) => child.on('exit', done));
    children.push(child);
    return child;
}

async function startFake(name) {
    const child = start(path.join(programs, `fake_${name}`), [], {});
    const match = await until(() => /^(\d+)\n/.exec(child.text));
    return { child, port: Number(match[1]) };
}

async function startDocent(env) {
    const child = start(docent, ['serve', '--pack', 'intents/careers', '--listen', '127.0.0.1:0'], {
        DOCENT_STATE_DIR: fs.mkdtempSync(path.join(work, 'state-')), ...env });
    const match = await until(() => /serve\.listening address=127\.0\.0\.1:(\d+)/.exec(child.text));
    return { child, port: match ? Number(match[1]) : 0 };
}

function request(port, method, target, headers, body) {
    return new Promise((done) => {
        const call = http.request({ host: '127.0.0.1', port, method, path: target, headers }, (reply) => {
            let text = '';
            reply.on('data', (bytes) => { text += bytes; });
            reply.on('end', () => done({ status: reply.statusCode, body: text }));
        });
        call.on('error', (error) => done({ status: 0, body: String(error) }));
        call.end(body);
    });
}

function run(args) {
    return execFileSync(docent, args, { encoding: 'utf8', env: { ...process.env, HOME: work } });
}

// Runs the cases and ends the process, whatever happens in them.
async function main(cases) {
    try {
        await cases();
    } catch (error) {
        check('the test itself', false, String(error.stack));
    }
    for (const child of children)
        child.kill('SIGKILL');
    fs.rmSync(work, { recursive: true, force: true });
    process.exit(failed);
}

module.exports = { check, until, startFake, startDocent, request, run, main, work };
