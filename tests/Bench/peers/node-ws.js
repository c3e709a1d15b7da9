'use strict';
// Node.js with ws: the quick way to a WebSocket gateway.
const fs = require('fs');
const { WebSocketServer } = require('ws');
const { toLines } = require('./lines');
const { take } = require('./writer');

const tls = process.env.TLS_CERTIFICATE;
const server = tls
  ? require('https').createServer({ cert: fs.readFileSync(tls), key: fs.readFileSync(process.env.TLS_KEY) })
  : require('http').createServer();
const options = { server, perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 16384 };
new WebSocketServer(options).on('connection', (socket) => socket.on('message', (json) => take(toLines(json))));
server.listen(Number(process.env.PORT), '127.0.0.1', 4096);
