// The compiled part of actcli; see __init__.py. Plain C functions over arrays that the caller owns.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int interface() { return 3; }

// -- decimals (decimals.py), which a library without them leaves to Python ----------------------------
#ifdef __cpp_lib_to_chars

struct Column {
  const void* numbers;
  const char* before;  // each of them
  int is_float32, align, whole, rest;  // characters left and right of the point
};
enum { RIGHT = 1, POINT = 2 };

static char* put(char* out, const char* text, int spaces = 0) {
  while (spaces-- > 0) *out++ = ' ';
  while (*text) *out++ = *text++;
  return out;
}

// The fewest digits that give the finite number back, laid out as Python's repr does.
template <class Number>
static char* shortest(char* out, Number number) {
  char text[40], *digit = text;
  if (std::signbit(number)) *out++ = '-';
  char* end = std::to_chars(text, text + 32, std::fabs(number), std::chars_format::scientific).ptr;
  char* mark = end - (end[-4] == 'e' ? 4 : 5);  // of the exponent
  *end = 0;
  int power = std::atoi(mark + 1);
  if (power < -4 || power > 15) return put(out, text);
  if (mark - text > 1) *++digit = *text;  // over the point
  for (int place = power > 0 ? power : 0; digit < mark || place >= -1; place--) {
    if (place == -1) *out++ = '.';
    *out++ = place > power || digit == mark ? '0' : *digit++;
  }
  return out;
}

// Writes rows of numbers, of so many significant digits or (0) the fewest. `special` holds the names of
// nan, inf and -inf. Returns the bytes written; -1 where a number does not fit beside the point.
extern "C" long write_rows(const Column* columns, int count, long rows, const char* last,
                           const char* const* special, int digits, char* out) {
  char* const start = out;
  for (long row = 0; row < rows; row++, out = put(out, last))
    for (const Column* c = columns; c < columns + count; c++) {
      double x = c->is_float32 ? ((const float*)c->numbers)[row] : ((const double*)c->numbers)[row];
      char text[64], *end = text;
      if (!std::isfinite(x)) end = put(text, special[x > 0 ? 1 : x < 0 ? 2 : 0]);
      else if (c->is_float32) end = shortest(text, float(x));
      else if (!digits) end = shortest(text, x);
      if (digits && std::isfinite(x)) {  // of the digits that float32 is written with; 0 has no sign
        std::from_chars(text, end, x);
        end = std::to_chars(text, text + 40, x == 0 ? 0 : x, std::chars_format::general, digits).ptr;
      }
      *end = 0;
      int length = end - text, whole = c->align == POINT ? std::strcspn(text, ".e") : length;
      int left = c->whole - whole, right = c->rest - (length - whole);
      if (c->align == POINT && (left < 0 || right < 0)) return -1;
      out = put(put(out, c->before), text, c->align ? left : 0);
      if (c->align && c + 1 < columns + count) out = put(out, "", right);
    }
  return out - start;
}

// Reads numbers between white space and marks, without lines of comments. Returns how many; -1 where
// one is missing before a mark, or something may be none: Python decides.
extern "C" long read_decimals(const char* text, long length, char mark, double* numbers) {
  const char *const end = text + length, *const breaks = " \t\n\v\f\r";
  double* const first = numbers;
  for (char after = '\n'; text < end;) {
    if (*text == '#' && after == '\n') {
      while (text < end && *text != '\n') text++;
    } else if (*text == mark || (*text && std::strchr(breaks, *text))) {
      if (*text == mark && (after == mark || after == '\n')) return -1;
      if (*text != ' ' && *text != '\t') after = *text;
      text++;
    } else {
      if (*text == '+' && (*++text < '0' || *text > '9') && *text != '.') return -1;
      auto [stop, error] = std::from_chars(text, end, *numbers++);
      bool ends = stop == end || *stop == mark || (*stop && std::strchr(breaks, *stop));
      if (error != std::errc() || !ends || stop[-1] == ')') return -1;
      text = stop, after = '0';
    }
  }
  return numbers - first;
}

#endif

// -- polynomials of cells; see evaluation/piecewise.py ------------------------------------------------
#if defined(__clang__) || __GNUC__ >= 12
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, Ints{__VA_ARGS__})
#endif
#if defined(__x86_64__) && defined(__gnu_linux__)
#define MACHINES extern "C" __attribute__((target_clones("avx2", "default")))
#else
#define MACHINES extern "C"
#endif
#define INLINE static inline __attribute__((always_inline))

typedef double Four __attribute__((vector_size(32)));
typedef int64_t Ints __attribute__((vector_size(32)));
typedef uint64_t Naturals __attribute__((vector_size(32)));

const double START = 16, FAR = 4294967296;  // where cells begin to widen, and where the last begins
const double LARGEST = 1.7976931348623157e308;

struct Segment {  // where it ends and is centred
  double last, high, low, terms[13];
};

struct Cells {
  const int32_t* index;  // by key: a row, the complement of a segment, or 0 for none
  const double (*rows)[8];
  const Segment* segments;  // of cells that no one polynomial covers; without an index, of all numbers
  int64_t row_count, segment_count, shift, half, base, degree;  // that no row exceeds
};

INLINE void transpose(const double* const* rows, int first, Four* columns) {
  Four a, b, c, d;
  memcpy(&a, rows[0] + first, 32), memcpy(&b, rows[1] + first, 32);
  memcpy(&c, rows[2] + first, 32), memcpy(&d, rows[3] + first, 32);
  const Four even = MIX(a, b, 0, 4, 2, 6), odd = MIX(a, b, 1, 5, 3, 7);
  const Four even_too = MIX(c, d, 0, 4, 2, 6), odd_too = MIX(c, d, 1, 5, 3, 7);
  columns[first] = MIX(even, even_too, 0, 1, 4, 5);
  columns[first + 1] = MIX(odd, odd_too, 0, 1, 4, 5);
  columns[first + 2] = MIX(even, even_too, 2, 3, 6, 7);
  columns[first + 3] = MIX(odd, odd_too, 2, 3, 6, 7);
}

// Fills value and gradient at a number whose cell has no row, as all from FAR on; whether it has no
// segments either, or is not finite.
template <class T> static bool is_left(const Cells& cells, T x, T* value, T* gradient) {
  const double size = std::fabs(double(x)), beyond = size + START < FAR ? size + START : FAR;
  int64_t bits;
  memcpy(&bits, &beyond, 8);
  const uint64_t key = uint64_t(bits + cells.half) | uint64_t(std::signbit(x)) << 63;
  const int32_t index = cells.index ? cells.index[int64_t(key >> cells.shift) - cells.base] : 0;
  if (cells.index ? index > 0 && index < cells.row_count : size <= LARGEST) return false;
  double total = std::nan(""), slope = total;
  if (index < 0 && ~index < cells.segment_count) {
    const Segment* segment = cells.segments + ~index;
    while (x > segment->last) ++segment;
    const double step = (x - segment->high) - segment->low;
    total = slope = segment->terms[12];
    for (int n = 11; n >= 0; --n) {
      total = total * step + segment->terms[n];
      if (n) slope = slope * step + total;
    }
  }
  if (value) *value = T(total);
  if (gradient) *gradient = T(slope);
  return total != total || size > LARGEST;
}

// Fills value and gradient at up to four numbers, of which one may be null, from the rows of their
// cells, or (DEGREE 1) from lines. Whether some have no row, or are not finite.
template <int DEGREE, class T>
INLINE bool four(const Cells& cells, const T* x, int64_t size, T* value, T* gradient) {
  typedef T Given __attribute__((vector_size(4 * sizeof(T))));
  Given given{};
  memcpy(&given, x, size);
  const Four at = __builtin_convertvector(given, Four);
  Four total, slope;
  bool open;
  if (DEGREE == 1) {
    const Segment* line = cells.segments;
    Four centre = Four{} + line->high, start = Four{} + line->terms[0];
    slope = Four{} + line->terms[1];
    for (int64_t k = 1; k < cells.segment_count; ++k) {
      const Ints beyond = at > line++->last;
      centre = beyond ? Four{} + line->high : centre;
      start = beyond ? Four{} + line->terms[0] : start;
      slope = beyond ? Four{} + line->terms[1] : slope;
    }
    total = slope * (at - centre) + start;
    const Ints odd = (Ints)(at - at);
    open = odd[0] | odd[1] | odd[2] | odd[3];
  } else {
    const Ints signs = (Ints)at & INT64_MIN;
    const Four distance = (Four)((Ints)at & INT64_MAX), beyond = distance + START;
    const Ints rounded = (Ints)(beyond < FAR ? beyond : Four{} + FAR) + cells.half;
    const Four middle = (Four)(rounded & -(int64_t(1) << cells.shift)) - START;
    const Four step = (Four)((Ints)(distance - middle) ^ signs);
    const Ints keys = (Ints)((Naturals)(rounded | signs) >> cells.shift) - cells.base;
    uint32_t row[4], most = 0;
    for (int k = 0; k < 4; ++k) {
      row[k] = cells.index[keys[k]];
      most = row[k] - 1 > most ? row[k] - 1 : most;
    }
    open = __builtin_expect(most >= cells.row_count - 1, 0);
    const double* rows[4];
    if (open)
      for (int k = 0; k < 4; ++k) row[k] = row[k] < cells.row_count ? row[k] : 0;
    for (int k = 0; k < 4; ++k) rows[k] = cells.rows[row[k]];
    Four terms[8];
    transpose(rows, 0, terms);
    if (DEGREE > 3) transpose(rows, 4, terms);
    total = slope = terms[DEGREE];
    for (int k = DEGREE - 1; k > 0; --k) {
      total = total * step + terms[k];
      slope = slope * step + total;
    }
    total = total * step + terms[0];
  }
  const Given values = __builtin_convertvector(total, Given);
  const Given gradients = __builtin_convertvector(slope, Given);
  if (value) memcpy(value, &values, size);
  if (gradient) memcpy(gradient, &gradients, size);
  return open;
}

// The same for n numbers. How many places are left, and in `left` which.
template <int DEGREE, class T>
INLINE int64_t look_up(const Cells cells, const T* x, int64_t n, T* value, T* gradient, int64_t* left) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i += 4) {
    T *to = value ? value + i : nullptr, *too = gradient ? gradient + i : nullptr;
    const bool open = n - i < 4 ? four<DEGREE>(cells, x + i, (n - i) * sizeof(T), to, too)
                                : four<DEGREE>(cells, x + i, 4 * sizeof(T), to, too);
    if (__builtin_expect(open, 0))
      for (int64_t k = i; k < i + 4 && k < n; ++k)
        if (is_left(cells, x[k], to ? value + k : to, too ? gradient + k : too)) left[count++] = k;
  }
  return count;
}

#define LOOK_UP(name, T, MOST)                                                               \
  MACHINES int64_t name(const Cells* cells, const T* x, int64_t n, T* value, T* gradient,    \
                        int64_t* left) {                                                     \
    return cells->degree > 3 ? look_up<MOST>(*cells, x, n, value, gradient, left)            \
           : cells->index    ? look_up<3>(*cells, x, n, value, gradient, left)               \
                             : look_up<1>(*cells, x, n, value, gradient, left);              \
  }
LOOK_UP(cells_float64, double, 7)
LOOK_UP(cells_float32, float, 6)

// What was stored before is seen by whoever sees what is stored after.
extern "C" void fence() { __sync_synchronize(); }
