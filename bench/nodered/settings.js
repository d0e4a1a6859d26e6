// Node-RED without editor, palette and outside calls; the admin API stays, for the deploy scenario.
"use strict";
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.BENCH_PORT),
    userDir: __dirname,
    flowFile: "flows.json",
    credentialSecret: false,
    disableEditor: true,
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
    logging: { console: { level: "warn", metrics: false, audit: false } },
};
