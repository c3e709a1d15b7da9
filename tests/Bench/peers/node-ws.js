'use strict';
// Node.js with ws: the quick way to a WebSocket gateway.
const listen = require('./listen');
const { toLines } = require('./lines');
const { take } = require('./writer');

listen((socket) => socket.on('message', (json) => take(toLines(json))));
