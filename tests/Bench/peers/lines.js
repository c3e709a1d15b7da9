'use strict';
// A message {"device","time","step","values":{field:[…]}} to InfluxDB's line protocol, one line a row.

function toLines(json) {
  const message = JSON.parse(json);
  const fields = Object.keys(message.values);
  const rows = message.values[fields[0]].length;
  let lines = '';
  for (let row = 0; row < rows; row++) {
    lines += 'room,device=' + message.device + ' ';
    for (let i = 0; i < fields.length; i++) {
      lines += (i === 0 ? '' : ',') + fields[i] + '=' + message.values[fields[i]][row];
    }
    lines += ' ' + (message.time + row * message.step) + '\n';
  }
  return lines;
}

module.exports = { toLines };
