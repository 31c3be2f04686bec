// The compiled part of actcli; see __init__.py. Plain C functions over arrays that the caller owns.

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

extern "C" int interface() { return 1; }

// -- decimals (decimals.py), which a library without them leaves to Python ----------------------------
#ifdef __cpp_lib_to_chars

struct Column {
  const void* numbers;
  const char* before;  // each of them
  int is_float32, align, whole, rest;  // characters left and right of the point
};
enum { RIGHT = 1, POINT = 2 };

static char* put(char* out, const char* text) {
  while (*text) *out++ = *text++;
  return out;
}

static char* spaces(char* out, int count) {
  while (count-- > 0) *out++ = ' ';
  return out;
}

// The fewest digits that give the finite number back, laid out as Python's repr does.
template <class Number>
static char* shortest(char* out, Number number) {
  char text[40];
  if (std::signbit(number)) *out++ = '-';
  char* end = std::to_chars(text, text + 32, std::fabs(number), std::chars_format::scientific).ptr;
  char* mark = end - (end[-4] == 'e' ? 4 : 5);  // of the exponent
  *end = 0;
  int power = std::atoi(mark + 1);
  if (power < -4 || power > 15) return put(out, text);
  char* digit = mark - text > 1 ? text + 1 : text;
  *digit = *text;  // over the point
  if (power < 0) {
    out = put(out, "0.");
    while (++power) *out++ = '0';
  } else {
    for (; power >= 0; power--) *out++ = digit < mark ? *digit++ : '0';
    *out++ = '.';
    if (digit == mark) *out++ = '0';
  }
  while (digit < mark) *out++ = *digit++;
  return out;
}

static char* rounded(char* out, double number, bool is_float32, int digits) {
  if (is_float32) std::from_chars(out, shortest(out, float(number)), number);
  if (number == 0) number = 0;  // that has no sign
  return std::to_chars(out, out + 40, number, std::chars_format::general, digits).ptr;
}

// Writes rows of numbers, of so many significant digits or (0) the fewest. `special` holds the names of
// nan, inf and -inf. Returns the bytes written; -1 where a number does not fit beside the point.
extern "C" long write_rows(const Column* columns, int count, long rows, const char* last,
                           const char* const* special, int digits, char* out) {
  char* const start = out;
  for (long row = 0; row < rows; row++) {
    for (const Column* c = columns; c < columns + count; c++) {
      double x = c->is_float32 ? ((const float*)c->numbers)[row] : ((const double*)c->numbers)[row];
      char text[64], *end;
      if (!std::isfinite(x)) end = put(text, special[x > 0 ? 1 : x < 0 ? 2 : 0]);
      else if (digits) end = rounded(text, x, c->is_float32, digits);
      else end = c->is_float32 ? shortest(text, float(x)) : shortest(text, x);
      int length = end - text, whole = 0;
      *end = 0;
      if (c->align) whole = c->align == RIGHT ? length : std::strcspn(text, ".e");
      int left = c->whole - whole, right = c->rest - (length - whole);
      if (c->align == POINT && (left < 0 || right < 0)) return -1;
      out = put(spaces(put(out, c->before), c->align ? left : 0), text);
      if (c->align && c + 1 < columns + count) out = spaces(out, right);
    }
    out = put(out, last);
  }
  return out - start;
}

// Reads numbers between white space and marks, without lines of comments. Returns how many; -1 where
// one is missing before a mark, or something may be none: Python decides.
extern "C" long read_decimals(const char* text, long length, char mark, double* numbers) {
  const char* const end = text + length;
  double* const first = numbers;
  enum { NUMBER, MARK, LINE } after = LINE;
  while (text < end) {
    char c = *text;
    if (c == ' ' || c == '\t') text++;
    else if (c == '\n') after = LINE, text++;
    else if (c == '\v' || c == '\f' || c == '\r') after = NUMBER, text++;
    else if (c == mark) {
      if (after) return -1;
      after = MARK, text++;
    } else if (c == '#' && after == LINE) {
      text = (const char*)std::memchr(text, '\n', end - text);
      if (!text) break;
    } else {
      if (c == '+' && (*++text < '0' || *text > '9') && *text != '.') return -1;
      auto [stop, error] = std::from_chars(text, end, *numbers++);
      bool ends = stop == end || *stop == mark || (*stop && std::strchr(" \t\n\v\f\r", *stop));
      if (error != std::errc() || !ends || stop[-1] == ')') return -1;
      text = stop, after = NUMBER;
    }
  }
  return numbers - first;
}

#endif
