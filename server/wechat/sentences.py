"""What the account says apart from the interview itself."""

from typing import Final

WELCOME: Final = (
    "您好，这里是{organisation}。我们来了解持证残疾人的基本情况和需要，可以在这里用文字或语音回答。"
)
ASK_NAME: Final = "为了找到您的资料，请打字告诉我们残疾人证上的姓名。"
ASK_LAST4: Final = "请再告诉我们残疾人证号的最后四位。"
FOUND: Final = "找到了，谢谢。"
NOT_FOUND: Final = (
    "姓名和证号最后四位对不上，请从姓名开始再填一次。也可以请{callback}发一个绑定码给您。"
)
LOCKED: Final = "今天核对的次数太多了，请明天再试，或者请{callback}发一个绑定码给您。"
SEVERAL: Final = "有几位同名的持证人，我们分不清。请{callback}发一个绑定码给您。"
NOT_LAST4: Final = "最后四位是四个数字或字母，请再打一次。要重新填姓名，请回复“重来”。"
NOT_NAME: Final = "请只打残疾人证上的姓名，比如：张三。"
TICKET_WRONG: Final = "这个绑定码不对、过期了，或者别人用过了。请联系我们换一个。"
UNBOUND: Final = "已经解除绑定，我们不会再从这里给您发消息。想再答的时候，发一句话就行。"
NOT_BOUND: Final = "您还没有绑定，不用解除。"
NOTHING_DUE: Final = "现在没有需要您回答的问卷。有事请联系{callback}。"
WITH_PERSON: Final = "您的问卷已经转给工作人员，会有人联系您，请等一等。"
BY_THEMSELVES: Final = "您现在愿意自己答的话，可以{link}。"
GO_ON: Final = "接着答"
COMPLETED: Final = "您的问卷已经答完了，谢谢您。要改什么，请联系{callback}。"
ENDED: Final = "这份问卷已经结束了。有事请联系{callback}。"
NO_PICTURE: Final = "图片和文件我们看不了，请打字或者用语音回答。"
NO_PLACE: Final = "不需要发位置，请打字或者用语音回答。"
NO_VOICE: Final = "语音我们这里还听不了，请打字回答。"
VOICE_FIRST_TYPE: Final = "还没有绑定的时候请先打字。"
NOT_HEARD: Final = "刚才的语音没有听清，请再说一遍，或者打字回答。"
HINT: Final = "刚才的语音，微信听到的是“{words}”。是的话请点：{link}。不是的话，请打字回答。"
SEVERAL_CHOICES: Final = "可以选几项，用空格隔开，一次打完：{choices}"
WISHES: Final = "随时可以打字：再说一遍、什么意思、找人工、以后再说。"
TROUBLE: Final = "我们这里出了点问题，请过一会儿再发一次。"
