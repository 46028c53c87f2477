// docent and fake_discord against Discord's own check of signatures, other people's Ed25519, types and WebSocket server.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { MessageFlags, PresenceUpdateStatus } = require('discord-api-types/v10');
const { verifyKey } = require('discord-interactions');
const nacl = require('tweetnacl');
const { WebSocketServer } = require('ws');
const { check, until, startFake, startDocent, request, run, main, work } = require('./harness.js');

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const keys = nacl.sign.keyPair.fromSeed(seed);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const secrets = { DISCORD_PUBLIC_KEY: hex(keys.publicKey), DISCORD_APPLICATION_ID: '1100000000000000001' };
const token = { DISCORD_TOKEN: 'bot.token-for_tests' };

// --- signatures: docent and discord-interactions get the same and must judge alike

function signed(body, { key = keys.secretKey, change = (s) => s, age = 0, stamp = (s) => s, shown = body } = {}) {
    const time = String(Math.floor(Date.now() / 1000) - age);
    const signature = hex(nacl.sign.detached(Buffer.from(time + body), key));
    return { headers: { 'content-type': 'application/json', 'x-signature-timestamp': stamp(time),
                        'x-signature-ed25519': change(signature) }, body: shown };
}

let number = 200;
const command = (question) => JSON.stringify({ version: 1, type: 2, id: `11000000000000${number++}`,
    application_id: '1100000000000000001', token: 'tok', guild_id: '50', channel_id: '60', member: { user: { id: '70' } },
    data: { id: '80', name: 'ask', type: 1, options: [{ name: 'question', type: 3, value: question }] } });

async function judgeAlike() {
    const docent = await startDocent(secrets);
    const ping = '{"id":"1","application_id":"2","type":1,"token":"tok","version":1}';
    const other = nacl.sign.keyPair.fromSeed(seed.map((b) => b + 1)).secretKey;
    const cases = {
        'a ping': signed(ping),
        'a command': signed(command('how much do coders earn?')),
        'text beyond ASCII': signed(command('caf\u00e9 \u{1F600}?')),
        'upper case': signed(ping, { change: (s) => s.toUpperCase() }),
        'another key': signed(ping, { key: other }),
        'a space more': signed(ping, { shown: `${ping} ` }),
        'a byte less': signed(ping, { shown: ping.slice(0, -1) }),
        'another time': signed(ping, { stamp: (s) => String(Number(s) + 1) }),
        'another first digit': signed(ping, { change: (s) => (s[0] === '0' ? '1' : '0') + s.slice(1) }),
        'two digits short': signed(ping, { change: (s) => s.slice(0, -2) }),
        'two digits long': signed(ping, { change: (s) => `${s}00` }),
        'no hex': signed(ping, { change: (s) => `zz${s.slice(2)}` }),
        'empty': signed(ping, { change: () => '' }),
    };
    for (const [name, { headers, body }] of Object.entries(cases)) {
        const ours = await request(docent.port, 'POST', '/discord/interactions', headers, body);
        const theirs = await verifyKey(body, headers['x-signature-ed25519'], headers['x-signature-timestamp'],
            secrets.DISCORD_PUBLIC_KEY).catch(() => false);
        check(`signature, ${name}: docent says ${ours.status}, discord-interactions ${theirs}`,
            (ours.status === 200) === theirs && (theirs || ours.status === 401), { ours, theirs });
    }
    docent.child.kill('SIGKILL');
}

// --- what docent sends has the shapes of discord-api-types

// TypeScript takes no number for a set of flags and no string for a member of an enumeration: these are looked up here.
const types = [];
const wrong = [];
function known(key, value) {
    const bits = Object.values(MessageFlags).filter((bit) => typeof bit === 'number').reduce((all, bit) => all | bit, 0);
    if (key === 'flags' && (value & ~bits))
        wrong.push(`flags ${value}`);
    if (key === 'status' && !Object.values(PresenceUpdateStatus).includes(value))
        wrong.push(`status ${value}`);
    return value;
}

function shape(type, value) {
    const text = JSON.stringify(value, known).replace(/"flags":(\d+)/g, '"flags":$1 as number as MessageFlags')
        .replace(/"status":("\w+")/g, '"status":$1 as string as PresenceUpdateStatus');
    types.push(`export const v${types.length}: ${type} = ${text};`);
}

async function shapes(fake) {
    const docent = await startDocent({ ...secrets, ...token, DISCORD_API_URL: `http://127.0.0.1:${fake}/api/v10/` });
    const order = (what, body) => request(fake, 'POST', `/_discord/${what}`, {}, JSON.stringify(body));
    await until(() => /discord\.ready/.test(docent.child.text));
    await order('set', { docent_port: docent.port });
    for (const content of ['how much do coders earn?', 'tell me about salaries', 'what is python', ''])
        await order('message', { content });
    for (const question of ['do I need a degree?', 'how long does it take?'])
        for (const more of [{}, { private: true }, { kind: 'typing' }, { name: 'topics' }])
            await order('interaction', { question, ...more });
    await order('interaction', { kind: 'click', custom_id: 'd1:up:m1:salary' });
    const asked = 13;
    const log = await request(fake, 'GET', `/_fake/wait?path=/api/v10/&kind=request&count=${asked + 1}&ms=5000`, {});
    check('docent answers what is asked of it', log.status === 200, log);
    const lines = (await request(fake, 'GET', '/_fake/log', {})).body.trim().split('\n').map((line) => JSON.parse(line));
    for (const { kind, path: where = '', body } of lines) {
        if (kind === 'ws.text' && JSON.parse(body).op === 2)
            shape('GatewayIdentify', JSON.parse(body));
        if (kind === 'ws.text' && JSON.parse(body).op === 1)
            shape('GatewayHeartbeat', JSON.parse(body));
        if (kind === 'request' && /channels\/\d+\/messages$/.test(where))
            shape('RESTPostAPIChannelMessageJSONBody', JSON.parse(body));
        if (kind === 'request' && /callback$/.test(where))
            shape('APIInteractionResponse', JSON.parse(body));
        if (kind === 'request' && /webhooks\/[^/]+\/[^/]+$/.test(where))
            shape('RESTPostAPIWebhookWithTokenJSONBody', JSON.parse(body));
    }
    docent.child.kill('SIGKILL');
    const env = { ...process.env, ...token, DISCORD_API_URL: `http://127.0.0.1:${fake}/api/v10/`, HOME: work };
    execFileSync(process.env.DOCENT, ['discord', 'register'], { env });
    const commands = await request(fake, 'GET', '/_fake/log?path=/api/v10/applications/&kind=request', {});
    const put = commands.body.trim().split('\n').map((line) => JSON.parse(line)).find((line) => line.method === 'PUT');
    shape('RESTPutAPIApplicationCommandsJSONBody', JSON.parse(put.body));
}

function compile() {
    const file = path.join(work, 'shapes.ts');
    const names = [...new Set(types.map((line) => /: (\w+) =/.exec(line)[1]))];
    fs.writeFileSync(file, `import type { MessageFlags, PresenceUpdateStatus, ${names.join(', ')} } from 'discord-api-types/v10';\n${types.join('\n')}\n`);
    fs.symlinkSync(path.join(process.env.PEERS, 'node_modules'), path.join(work, 'node_modules'));
    const tsc = path.join(process.env.PEERS, 'node_modules', 'typescript', 'bin', 'tsc');
    let told = '';
    try {
        execFileSync(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--moduleResolution',
            'nodenext', '--target', 'es2022', file], { encoding: 'utf8', cwd: work });
    } catch (error) {
        told = String(error.stdout);
    }
    check(`${types.length} payloads of ${names.length} kinds are what discord-api-types says`, told === '' && types.length > 10, told);
    check('every flag and status in them is one of its', wrong.length === 0, wrong);
}

// --- docent on the npm ws server, with Discord's REST API as an HTTP stub

async function wsServer() {
    const posts = [], said = [], pongs = [];
    let socket, opened = 0;
    const server = http.createServer((call, reply) => {
        let body = '';
        call.on('data', (bytes) => { body += bytes; });
        call.on('end', () => {
            posts.push({ url: call.url, body });
            reply.setHeader('Content-Type', 'application/json');
            reply.end(JSON.stringify({ id: '1', url: `ws://127.0.0.1:${call.socket.localPort}`, shards: 1,
                session_start_limit: { total: 1000, remaining: 999, reset_after: 1000, max_concurrency: 1 } }));
        });
    });
    const wss = new WebSocketServer({ server, perMessageDeflate: true });
    wss.on('connection', (ws) => {
        socket = ws;
        opened++;
        ws.on('message', (text) => said.push(JSON.parse(text)));
        ws.on('pong', (bytes) => pongs.push(String(bytes)));
        ws.send('{"op":10,"d":{"heartbeat_interval":1000}}');
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const port = server.address().port;
    const docent = await startDocent({ ...token, DISCORD_API_URL: `http://127.0.0.1:${port}/api/v10` });
    const event = (s, t, d) => JSON.stringify({ op: 0, s, t, d });
    const message = (id) => ({ id, channel_id: '60', guild_id: '50', type: 0, author: { id: '70' }, mentions: [{ id: '2' }],
        content: '<@2> how much do coders earn?' });
    check('ws: docent identifies', await until(() => said.find((m) => m.op === 2)), said);
    socket.send(event(1, 'READY', { session_id: 's1', resume_gateway_url: `ws://127.0.0.1:${port}`, user: { id: '2' },
        application: { id: '3' } }));
    const text = event(2, 'MESSAGE_CREATE', message('900'));
    socket.send(text.slice(0, 40), { fin: false });
    socket.ping('between');
    socket.send(text.slice(40), { fin: true });
    const answered = (id) => until(() => posts.find((p) => p.url === '/api/v10/channels/60/messages' && p.body.includes(`"d${id}"`)));
    check('ws: an event in fragments, a ping between them, is answered', await answered('900'), posts);
    check('ws: the ping, too', await until(() => pongs.includes('between')), pongs);
    socket.send(event(3, 'MESSAGE_CREATE', { ...message('901'), filler: 'x'.repeat(1 << 20) }));
    check('ws: an event of a mebibyte is answered', await answered('901'), posts.length);
    check('ws: heartbeats name the last event', await until(() => said.find((m) => m.op === 1 && m.d === 3)), said);
    socket.send('{"op":11}');
    socket.terminate();
    check('ws: after a break docent resumes', await until(() => said.find((m) => m.op === 6 && m.d.session_id === 's1' &&
        m.d.seq === 3)), said);
    check('ws: over a second link', opened === 2, opened);
    docent.child.kill('SIGKILL');
    wss.close();
    server.close();
}

main(async () => {
    await judgeAlike();
    const fake = await startFake('discord');
    await shapes(fake.port);
    compile();
    await wsServer();
});
