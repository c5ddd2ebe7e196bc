"""Labels of Korean questions that endings and particles carry: 만 says `only`, 어야 하 says `must`."""

import re
from collections.abc import Sequence
from typing import Final

_COUNTERS: Final = "개|명|번|시|분|가지|달|살|마리|잔|병|장|권|대|곳|사람"
_WHERE: Final = "어디|어딘|어딜|어느 ?곳|주소|위치|장소"
_FEES: Final = "배송비|택배비|배달비|배송료|배달료|수리비|설치비|관리비|연회비|참가비|입장료|이용료|수수료|통행료"
_TELL: Final = "알려|궁금|설명|말해|말씀해|가르쳐|찾아|검색|이야기해|얘기해|보여"
_ONE_PLEASE: Final = (
    r"(?<=하나)(?<!중 하나)(?<!중에 하나)(?<!중에서 하나)만 (?:더 )?(?:좀 )?(?:추천|알려|말|들려|얘기|이야기|소개)?해? ?"
    r"(?:줘|주세요|줄래|주실래|주라|주십시오|부탁)"
)
"""농담 하나만 해줘 asks for a joke; 둘 중 하나만, 하나만 되나요 mean no more than one."""
_SECTIONS: Final = {
    "persons": (
        ("my", r"(?:^| )(?:제|나의|저의|(?<![일주월년간분] )(?<!기한 )내)(?= [가-힣A-Za-z])"),
        ("my", r"(?:^| )(?:나|난|나는|나도|나한테|내가|저는|저도|제가|저한테)(?= )"),
        ("our", r"(?:^| )(?:우리|저희)(?=의? )"),
        ("your", rf"(?:^| )(?:네|니|너의|당신의|그쪽)(?= (?!{_COUNTERS})[가-힣A-Za-z])"),
        ("your", r"(?:^| )(?:너|넌|너는|너도|너한테|네가|니가|당신은)(?= )"),
        ("his", r"(?:^| )그의(?= )"),
        ("her", r"(?:^| )그녀의(?= )"),
    ),
    "quantifiers": (
        ("only", rf"(?!{_ONE_PLEASE})(?<=[가-힣a-z])(?<!얼마)(?<!조금)(?<![지하랜그천백십불미대])만(?=$| |이|은|을)|뿐|오직|오로지"),
        ("all", r"(?:^| )(?:모두|모든|전부|전체|온통|죄다|다(?= ))"),
        ("except", r"제외|빼고|외에"),
        ("at least", r"이상|최소|적어도"),
        ("at most", r"이하|최대|이내"),
        ("less than", r"미만"),
        ("more than", r"초과|넘[는은게으]"),
        ("half", r"(?:^| )절반"),
        ("both", r"둘 ?다|양쪽"),
    ),
    "modality": (
        ("must", r"(?<=[가-힣])야만? ?(?:하|해|한|할|합|했|되|돼|된|될|됩|함|됨)|필수"),
        ("can", r"(?<!줄)(?<!주실) 수 ?(?:가|는|도)? ?(?:있|없)|(?<!줄)(?<!주실)수(?:있|없)|가능|도 ?(?:되|돼|될|됩|괜찮)"),
        ("can", r"(?<!게 )(?<!안 )(?<!안)(?<!면 )(?<!야 )(?<!야)(?:되나요?|되니|돼요?|되요|됩니까|될까요?|되는지|되냐)\W*$"),
        ("should", r"(?:는|은) ?게 ?(?:좋|나을|낫)|는 ?것이 ?(?:좋|나을|낫)"),
    ),
    "question_types": (
        ("why", r"(?:^| )왜|이유|원인|어째서"),
        ("how long", r"얼마 ?(?:나|동안) ?(?:오래|걸)|며칠 ?(?:이나|동안|걸|안)|기간"),
        ("how long", r"몇 ?(?:시간|분|일|주|달|개월|년) ?(?:이나|동안|걸|안에|정도)"),
        ("when", r"언제|언젠|며칠|몇 ?(?:시(?!간)|월|일)|무슨 ?요일|날짜"),
        ("when", r"(?:시간|일정|시기|생일|기한)[이을은]? ?(?:좀 )?(?:알|궁금|뭐|찾|말|\W*$)"),
        ("where", _WHERE),
        ("where", rf"(?:곳|지역|나라|도시|동네)[은이을]? ?(?:좀 )?(?:{_TELL}|$)"),
        ("who", r"(?:^| )(?:누구|누군|누가|누굴)"),
        ("how many", r"(?:^| )몇 ?(?:개|명|번|장|가지|대|마리|권|곳|통|회|사람|인)|개수|갯수"),
        ("how much", rf"얼마(?! ?(?:나|동안) ?(?:오래|걸))|얼만|가격|비용|요금|금액|{_FEES}|값[이은을]? ?(?:알|궁금|뭐)"),
        ("which", r"(?:^| )(?:어느|어떤|무슨)(?= )"),
        ("how", r"어떻게(?! ?(?:돼|되|됩|됐|될))|어떡|방법|(?<!요리)(?<!조리)법(?= |$|을|이|은|좀|도)"),
        ("what", rf"(?:^| )(?:뭐|무엇|뭘|뭔|무어)|어떻게 ?(?:돼|되|됩|됐|될)|{_TELL}"),
    ),
    "moods": (
        ("request", r"주세요|주십시오|주시|주실|줘|줄래|달라고|달래|드려|바랍니다|부탁"),
        ("what", r"[가-힣][은는]\W*$"),
        ("yes-no", r"(?:나요?|까요?|니|냐|가요?|냐니깐|는지|을지)\W*$"),
    ),
}  # fmt: skip
_PATTERNS: Final = {
    section: tuple((label, re.compile(pattern)) for label, pattern in labels) for section, labels in _SECTIONS.items()
}


def korean_labels(section: str, words: Sequence[str]) -> set[str]:
    """The labels of `section` in `words`. `moods` has the first that fits: a request, or a question of yes or no."""
    text = " ".join(words)
    found = [label for label, pattern in _PATTERNS[section] if pattern.search(text)]
    if section == "moods":
        return set(found[:1])
    return set(found)
