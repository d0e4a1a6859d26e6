// Turns Nagle's algorithm off on every outgoing connection; loaded with `node -r` before Node-RED.
"use strict";
const { Socket } = require("node:net");
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...options) {
    this.setNoDelay(true);
    return connect.apply(this, options);
};
