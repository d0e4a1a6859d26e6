"""MQTT clients: one interface, MQTT 5 on our own session and MQTT 3.1.1 on aiomqtt."""
