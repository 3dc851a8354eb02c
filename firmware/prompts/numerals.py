"""Whole numbers in words, Chinese and English."""

MOST = 999

_ZH_DIGITS = "零一二三四五六七八九"
_EN_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def words_zh(number: int) -> str:
    """Return 0 to 999 as it is counted in Chinese: 十二, 二十, 一百零五, 一百一十二."""
    if number < 10:
        return _ZH_DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _ZH_DIGITS[tens]) + "十" + (_ZH_DIGITS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    between = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
    return _ZH_DIGITS[hundreds] + "百" + between + (words_zh(rest) if rest else "")


def words_en(number: int) -> str:
    """Return 0 to 999 as it is counted in English: twelve, twenty-one, one hundred and five."""
    if number < 20:
        return _EN_SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _EN_TENS[tens] + (f"-{_EN_SMALL[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_EN_SMALL[hundreds]} hundred" + (f" and {words_en(rest)}" if rest else "")
