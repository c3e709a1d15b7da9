"""The other party of the MQTT tests, on paho: answers what it hears.

paho_party.py PORT VERSION(4|5): subscribes to to/paho with QoS 1 in a session that lasts, prints "ready", and publishes
every message back to from/paho, with QoS 1, until its input ends. What it got as a duplicate or retained it says before.
"""

import sys

import paho.mqtt.client as mqtt

port, version = int(sys.argv[1]), int(sys.argv[2])
options = {"clean_session": False} if version == 4 else {}
client = mqtt.Client(client_id="paho", protocol=version, **options)


def on_connect(client, userdata, flags, code, properties=None):
    client.subscribe("to/paho", qos=1)


def on_subscribe(client, userdata, mid, granted, properties=None):
    print("ready", flush=True)


def on_message(client, userdata, message):
    prefix = (b"retained " if message.retain else b"") + (b"again " if message.dup else b"")
    client.publish("from/paho", prefix + message.payload, qos=1)


client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect("127.0.0.1", port, keepalive=10)
client.loop_start()
sys.stdin.read()
client.disconnect()
client.loop_stop()
