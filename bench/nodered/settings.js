// Node-RED that asks nothing of other hosts. It has its editor if BENCH_EDITOR is set; the admin API, by which the
// scenarios deploy, it always has.
"use strict";
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: Number(process.env.BENCH_PORT),
    userDir: __dirname,
    flowFile: "flows.json",
    credentialSecret: false,
    disableEditor: !process.env.BENCH_EDITOR,
    editorTheme: { tours: false },
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
    logging: { console: { level: "warn", metrics: false, audit: false } },
};
