'use strict';
// A WebSocket server where the bench says, over TLS where it gives a certificate.
const fs = require('fs');
const { WebSocketServer } = require('ws');

module.exports = function listen(onLink) {
  const tls = process.env.TLS_CERTIFICATE;
  const server = tls
    ? require('https').createServer({ cert: fs.readFileSync(tls), key: fs.readFileSync(process.env.TLS_KEY) })
    : require('http').createServer();
  const options = { server, perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 16384 };
  new WebSocketServer(options).on('connection', onLink);
  server.listen(Number(process.env.PORT), '127.0.0.1', 4096);
};
