// docent and fake_slack against Slack's own code, the npm ws server, and the types of Slack's manifest.
'use strict';
const crypto = require('node:crypto');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { App, HTTPReceiver } = require('@slack/bolt');
const { SocketModeClient } = require('@slack/socket-mode');
const { WebSocketServer } = require('ws');
const { check, until, startFake, startDocent, request, run, main, work } = require('./harness.js');

const secret = 'docent-test-signing-secret-0001';
const tokens = { SLACK_BOT_TOKEN: 'xoxb-test-token', SLACK_SIGNING_SECRET: secret };

// --- signed requests: docent and Bolt's receiver get the same and must judge alike

function signed(body, { type = 'application/json', age = 0, key = secret, change = (s) => s, shown = body } = {}) {
    const time = String(Math.floor(Date.now() / 1000) - age);
    const mac = crypto.createHmac('sha256', key).update(`v0:${time}:${body}`).digest('hex');
    return { headers: { 'content-type': type, 'x-slack-request-timestamp': time,
                        'x-slack-signature': change(`v0=${mac}`) }, body: shown };
}

function event(ts, text) {
    return JSON.stringify({ type: 'event_callback', team_id: 'T0DOCENT1', api_app_id: 'A1', event_id: `Ev${ts}`, event_time: 1,
        authorizations: [{ team_id: 'T0DOCENT1', user_id: 'U0DOCENT1', is_bot: true }],
        event: { type: 'app_mention', user: 'U1', text, ts, channel: 'C1', event_ts: ts } });
}

const form = 'application/x-www-form-urlencoded';
const command = (port) => 'token=x&team_id=T0DOCENT1&channel_id=C1&user_id=U1&command=%2Fask&text=help&trigger_id=1.2.a' +
    `&response_url=http%3A%2F%2F127.0.0.1%3A${port}%2Fhook%2F1`;

async function boltReceiver(fake) {
    const receiver = new HTTPReceiver({ signingSecret: secret, endpoints: ['/slack/events'], logLevel: 'error' });
    const app = new App({ token: tokens.SLACK_BOT_TOKEN, receiver, logLevel: 'error',
        clientOptions: { slackApiUrl: `http://127.0.0.1:${fake}/api/` } });
    app.event('app_mention', async () => {});
    app.command('/ask', async ({ ack }) => { await ack(); });
    app.error(async () => {});
    const server = await app.start(0);
    return { app, port: server.address().port };
}

async function judgeAlike(fake) {
    const docent = await startDocent({ ...tokens, SLACK_API_URL: `http://127.0.0.1:${fake}/api/` });
    const bolt = await boltReceiver(fake);
    await until(() => /slack\.connected/.test(docent.child.text));
    const mention = event('1.1', '<@U0DOCENT1> hi');
    const cases = {
        'an event': signed(mention),
        'text beyond ASCII': signed(event('1.2', '<@U0DOCENT1> caf\u00e9 \u{1F600}')),
        'a command': signed(command(fake), { type: form }),
        'a challenge': signed('{"type":"url_verification","token":"x","challenge":"abc123"}'),
        'four minutes old': signed(event('1.3', 'x'), { age: 240 }),
        'six minutes old': signed(mention, { age: 360 }),
        'another secret': signed(mention, { key: 'another' }),
        'upper case': signed(mention, { change: (s) => `v0=${s.slice(3).toUpperCase()}` }),
        'v1': signed(mention, { change: (s) => s.replace('v0', 'v1') }),
        'no signature': signed(mention, { change: () => '' }),
        'a space more': signed(mention, { shown: `${mention} ` }),
        'a byte less': signed(mention, { shown: mention.slice(0, -1) }),
        'ssl_check': { headers: { 'content-type': form }, body: 'ssl_check=1&token=x' },
    };
    for (const [name, { headers, body }] of Object.entries(cases)) {
        const ours = await request(docent.port, 'POST', '/slack/events', headers, body);
        const theirs = await request(bolt.port, 'POST', '/slack/events', headers, body);
        check(`${name}: docent says ${ours.status}, as Bolt does`, ours.status === theirs.status, { ours, theirs });
    }
    await bolt.app.stop();
    docent.child.kill('SIGKILL');
}

// --- fake_slack's Socket Mode, as Slack's own client sees it

async function officialClient(fake) {
    const order = (what, body) => request(fake, 'POST', `/_slack/${what}`, {}, JSON.stringify(body));
    const client = new SocketModeClient({ appToken: 'xapp-test-token', logLevel: 'error',
        clientOptions: { slackApiUrl: `http://127.0.0.1:${fake}/api/` } });
    const heard = [];
    client.on('slack_event', async ({ ack, body }) => { heard.push(body); await ack(); });
    await client.start();
    const send = (ts) => order('send', { via: 'socket', type: 'events_api', tries: 5, payload: JSON.parse(event(ts, 'hi')) });
    const first = await send('2.1');
    check('fake_slack: Slack`s client connects, and acknowledges an event', first.body.startsWith('200') && heard.length === 1,
        { first, heard });
    await order('disconnect', { reason: 'refresh_requested', close_ms: 300 });
    const second = await send('2.2');
    check('fake_slack: after a refresh, too', second.body.startsWith('200') && heard.length >= 2, { second, heard });
    await client.disconnect();
}

// --- docent on the npm ws server, with Slack's Web API as an HTTP stub

function webApi(seen) {
    return http.createServer((call, reply) => {
        let body = '';
        call.on('data', (bytes) => { body += bytes; });
        call.on('end', () => {
            const method = call.url.replace(/^\/api\//, '');
            seen.push({ method, body });
            reply.setHeader('Content-Type', 'application/json');
            reply.end(JSON.stringify({ ok: true, team_id: 'T1', user_id: 'U0DOCENT1', bot_id: 'B1', ts: '1.1', channel: 'C1',
                url: `ws://127.0.0.1:${call.socket.localPort}/link` }));
        });
    });
}

async function wsServer() {
    const seen = [], acks = [], pongs = [];
    let socket, opened = 0;
    const server = webApi(seen);
    const wss = new WebSocketServer({ server, path: '/link', perMessageDeflate: true });
    wss.on('connection', (ws) => {
        socket = ws;
        opened++;
        ws.on('message', (text) => acks.push(JSON.parse(text)));
        ws.on('pong', (bytes) => pongs.push(String(bytes)));
        ws.send('{"type":"hello"}');
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const docent = await startDocent({ SLACK_BOT_TOKEN: 'xoxb-x', SLACK_APP_TOKEN: 'xapp-x',
        SLACK_API_URL: `http://127.0.0.1:${server.address().port}/api/` });
    check('ws: docent connects', await until(() => /slack\.socket_live/.test(docent.child.text)), docent.child.text);

    const envelope = (id, ts, filler) => JSON.stringify({ envelope_id: id, type: 'events_api', accepts_response_payload: false,
        payload: { ...JSON.parse(event(ts, '<@U0DOCENT1> how much do coders earn?')), filler } });
    const acknowledged = (id) => until(() => acks.some((ack) => ack.envelope_id === id));
    const answered = (ts) => until(() => seen.some((s) => s.method === 'chat.postMessage' && s.body.includes(`"${ts}"`)));
    socket.send(envelope('small', '3.1', ''));
    check('ws: an envelope is acknowledged', await acknowledged('small'), acks);
    check('ws: and answered', await answered('3.1'), seen);
    socket.send(envelope('large', '3.2', 'x'.repeat(700000)));
    check('ws: one of 700,000 bytes', (await acknowledged('large')) && (await answered('3.2')), acks);
    const text = envelope('pieces', '3.3', 'y'.repeat(1000));
    socket.send(text.slice(0, 100), { fin: false });
    socket.ping('between');
    socket.send(text.slice(100, 300), { fin: false });
    socket.send(text.slice(300), { fin: true });
    check('ws: one in three fragments', (await acknowledged('pieces')) && (await answered('3.3')), acks);
    check('ws: a ping between them', await until(() => pongs.includes('between')), pongs);
    socket.close(1001, 'going away');
    check('ws: closed, it comes back', await until(() => opened >= 2 && socket.readyState === 1), opened);
    socket.send(envelope('again', '3.4', ''));
    check('ws: and acknowledges', await acknowledged('again'), acks);
    const closed = new Promise((done) => socket.on('close', (code) => done(code)));
    docent.child.kill('SIGTERM');
    check('ws: SIGTERM closes with 1000', (await closed) === 1000, docent.child.text);
    check('ws: and status 0', (await docent.child.ended) === 0, docent.child.text);
    wss.close();
    server.close();
}

// --- the manifest, against the types that Slack publishes

function manifests() {
    const variants = { 'Socket Mode': ['slack', 'manifest'],
                       HTTP: ['slack', 'manifest', '--http', '--url', 'https://faq.example.org'] };
    for (const [name, args] of Object.entries(variants)) {
        const file = path.join(process.env.PEERS, 'manifest.ts');
        fs.writeFileSync(file, "import type { Manifest } from '@slack/web-api/dist/types/request/manifest';\n" +
            `export const manifest: Manifest = ${run(args)};\n`);
        let told = '';
        try {
            execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck',
                '--module', 'nodenext', '--moduleResolution', 'nodenext', file], { encoding: 'utf8', cwd: process.env.PEERS });
        } catch (error) {
            told = error.stdout;
        }
        check(`manifest for ${name}: has Slack's type`, told === '', told);
    }
}

main(async () => {
    const fake = (await startFake('slack')).port;
    await officialClient(fake);
    await judgeAlike(fake);
    await wsServer();
    manifests();
    void work;
});
