// A bot on Slack's own framework that does nothing but acknowledge, for comparison: prints its port, ends with stdin.
// SLACK_API_URL, SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET as for docent.
'use strict';
const { App, HTTPReceiver } = require('@slack/bolt');

const receiver = new HTTPReceiver({ signingSecret: process.env.SLACK_SIGNING_SECRET, endpoints: ['/slack/events'],
    logLevel: 'error' });
const app = new App({ token: process.env.SLACK_BOT_TOKEN, receiver, logLevel: 'error',
    clientOptions: { slackApiUrl: process.env.SLACK_API_URL } });
app.event('app_mention', async () => {});
app.start(0).then((server) => {
    // The client that measures knows lengths, no chunks; an acknowledgement is empty.
    server.prependListener('request', (call, reply) => reply.setHeader('Content-Length', 0));
    console.log(server.address().port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
