import { enNewBox } from "./en-new-box.ts";
import { wordsOfPage } from "./of-page.ts";

/** The words of Add a box, in Chinese. */
const zhNewBox: typeof enNewBox = {
  name: "命名",
  of: "厂商",
  makes: {
    sophongate: "SophonGate（SE3、SE5、sophonsight）",
    hikvision: "海康威视",
    dahua: "大华、Intelbras",
    uniview: "宇视",
    zkteco: "中控（ZKTeco）",
  },
  serial: "序列号",
  zone: "所在地的时区",
  zoneBad: "请填写时区，例如 Asia/Shanghai。",
  host: "主机",
  port: "端口",
  path: "路径",
  steps: {
    hikvision: [
      "打开终端的网页：网络、高级、HTTP 监听。",
      "填入下面的主机、端口，URL 填下面的路径。也可以运行命令 gatepost terminal setup，它会创建密钥并全部设好。",
      "有些固件重启后会关闭 HTTP 监听：请重新打开，或让网桥跟随终端。",
    ],
    dahua: [
      "把 PictureHttpUpload 和 EventHttpUpload 设为下面的主机、端口和路径。也可以运行命令 gatepost terminal setup，它会创建密钥并全部设好。",
      "不要使用在线模式：Gatepost 不开门。",
    ],
    uniview: [
      "打开终端的网页，设置平台地址、端口和下面的路径。",
      "网页里没有路径一栏时，请让网桥跟随终端，密钥就是下面的路径。",
      "终端按 Gatepost 校时，用上面填写的时区。",
    ],
    zkteco: [
      "打开终端菜单：通讯、云服务器。填入下面的主机和端口，不填路径。",
      "终端按 Gatepost 校时，用上面填写的时区。",
    ],
  },
  secure: "这个地址需要 https。不支持 https 的终端，可通过其网络中网桥的转发端口投递。",
  bySerial: "它不发送密钥：序列号就是这个盒子的凭据。",
  onceInPath: "路径中含有密钥，仅此时显示。",
  nameLabel: "名称",
  nameHint: "字母、数字、点、下划线或连字符",
  nameBad: "1 至 64 个字母、数字、点、下划线或连字符，以字母或数字开头；不能是“new”。",
  make: "创建密钥",
  made: "已创建，并有自己的密钥",
  adminOnly: "需要管理密钥才能添加盒子。",
  give: "把这些地址填进盒子",
  addresses: {
    RealTimeEvent: "实时事件",
    HistoryEvent: "历史事件",
    PassRecord: "通行记录",
    DeviceStatus: "状态上报",
    "": "基础地址：接收所有上报",
    "EventServer/api/HistoryEvent": "历史事件（旧路径）",
    AsyncEvent: "异步事件",
    LiveEvent: "实时事件（经网桥）",
  },
  otherAddresses: "其他地址",
  qr: "二维码",
  unreachable: "盒子连不上这些地址：它们只指向本机。请用盒子能访问的地址打开控制台。",
  once: "地址中含有密钥，仅此时显示。填反也没关系：每份上报按格式识别。SE5 还需要网桥。",
  pass: "请人通行一次",
  waitingTitle: "等待第一份上报",
  waitingWhy: (time) => `已等待 ${time}，此密钥下没有收到任何内容。`,
  wrongKey: (from, time) => `${time} 有来自 ${from} 的错误密钥：请核对盒子中的地址与上面的地址。`,
  badTitle: "收到的内容不是上报",
  badWhy: (time, path, size, why) => `${time} ${path}，${size}：${why}`,
  refusedTitle: "一份上报被拒绝",
  refusedWhy: (time, path, status) => `${time} ${path}：返回 ${status}。`,
  tooLarge: "超过上限，请在盒子中关闭一种图片。",
  lookAt: "查看",
  goodTitle: (name, ago) => `已上报：${name}，${ago}`,
  goodWhy: (kinds) => `已收到：${kinds}。`,
  toBox: "查看盒子",
  blind: "此服务器暂不能显示指示灯，请在实时页面等待第一张人脸。",
};

/** The words of Add a box. */
export const newBoxWords = wordsOfPage(enNewBox, zhNewBox);
