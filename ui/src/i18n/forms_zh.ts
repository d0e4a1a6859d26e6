import type { formsEn } from "./forms_en.ts";

/** 表单的文字，中文。 */
export const formsZh: Record<keyof typeof formsEn, string> = {
  "form.exactly": "是，并指定方式",
  "form.leftOut": "不设置",
  "registry.none": "没有运行中的注册表",
  "registry.about": "设备、设备配置及其所属内容保存在注册表中。添加引用注册表的节点（例如“遥测映射”），在字段旁新建配置节点，然后部署。",
  "registry.flows": "前往流程",
  "tester.live": "实时",
  "tester.follow": "重新跟随设备",
  "result.about": "对最近一条消息的结果",
  "result.nothing": "此处没有值",
  "result.none": "还没有消息到达此节点；有消息后，各字段会显示其结果。",
  "result.last": "最近一条消息，{time}",
  "result.lastOf": "最近一条消息，{time}，由 {node} 收到",
  "trial.connect": "连接测试",
  "trial.connecting": "正在连接…",
  "trial.ok": "可用：{text}（{seconds} 秒）",
  "trial.warning": "可用，但是：{text}（{seconds} 秒）",
  "trial.error": "不可用：{text}",
  "trial.busy": "{seconds} 秒内没有响应：{text}",
  "debug.pin": "固定路径 {path}",
  "debug.unpin": "取消固定",
  "debug.pinned": "已固定",
  "commands.asJson": "用 JSON 编写",
  "commands.asForm": "用表单填写",
  "commands.noParams": "此操作没有参数。",
};
