{
    "name": "Industrial IoT (IIoT) Integration",
    "summary": "MQTT devices, telemetry, commands and firmware updates, with Odoo as the master",
    "version": "1.0.0",
    "category": "Industrial IoT",
    "author": "The flowengine authors",
    "license": "Other OSI approved licence",
    "depends": ["mail", "base_automation"],
    "data": [
        "security/iiot_groups.xml",
        "security/ir.model.access.csv",
        "security/iiot_rules.xml",
        "data/iiot_parameters.xml",
        "data/iiot_cron.xml",
    ],
    "application": True,
}
