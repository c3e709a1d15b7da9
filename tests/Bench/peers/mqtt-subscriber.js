'use strict';
// The subscriber behind mosquitto: every message to lines, lines into batches.
const { connect } = require('mqtt');
const { toLines } = require('./lines');
const { take } = require('./writer');

const client = connect(process.env.BROKER_URL, { protocolVersion: 4, clean: true });
client.on('connect', () => client.subscribe('room/+', { qos: 0 }));
client.on('message', (_, json) => take(toLines(json)));
