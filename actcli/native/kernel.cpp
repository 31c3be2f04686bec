// The compiled part of actcli; see __init__.py. Plain C functions over arrays that the caller owns.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

extern "C" int interface() { return 5; }

// -- decimals (decimals.py), which a library without them leaves to Python ----------------------------
#ifdef __cpp_lib_to_chars

struct Column {
  const void* numbers;
  const char* before;  // each of them
  int is_float32, align, whole, rest;  // characters left and right of the point
};
enum { RIGHT = 1, POINT = 2 };
const auto SCIENTIFIC = std::chars_format::scientific;

static char* put(char* out, const char* text) {
  const size_t length = std::strlen(text);
  return (char*)std::memcpy(out, text, length) + length;
}

// Writes rows of numbers, of so many significant digits or (0) the fewest, as Python's repr has them.
// `special` holds the names of nan, inf and -inf. Returns the bytes written; -1 where a number does not
// fit beside the point.
extern "C" long write_rows(const Column* columns, int count, long rows, const char* last,
                           const char* const* special, int digits, char* out) {
  char* const start = out;
  for (long row = 0; row < rows; row++, out = put(out, last))
    for (const Column* c = columns; c < columns + count; c++) {
      double x = c->is_float32 ? ((const float*)c->numbers)[row] : ((const double*)c->numbers)[row];
      out = put(out, c->before);
      char *const most = out + 40, *end = out;
      if (!std::isfinite(x)) end = put(out, special[x > 0 ? 1 : x < 0 ? 2 : 0]);
      else {
        if (c->is_float32) std::from_chars(out, std::to_chars(out, most, float(x), SCIENTIFIC).ptr, x);
        const double size = std::fabs(x);
        const bool plain = size < 1e16 && (size >= 1e-4 || !size);
        end = digits  ? std::to_chars(out, most, size ? x : 0, std::chars_format::general, digits).ptr
              : plain ? std::to_chars(out, most, x, std::chars_format::fixed).ptr
                      : std::to_chars(out, most, x, SCIENTIFIC).ptr;
        if (!digits && plain && x == std::trunc(x)) end = put(end, ".0");
      }
      if (c->align) {
        *end = 0;
        const int length = end - out, whole = c->align == POINT ? std::strcspn(out, ".e") : length;
        const int left = c->whole - whole, right = c->rest - (length - whole);
        if (c->align == POINT && (left < 0 || right < 0)) return -1;
        if (left > 0) std::memmove(out + left, out, length), std::memset(out, ' ', left), end += left;
        if (c + 1 < columns + count) std::memset(end, ' ', right), end += right;
      }
      out = end;
    }
  return out - start;
}

// Reads numbers between white space and marks, without lines of comments. Returns how many; -1 where
// one is missing before a mark, or something may be none: Python decides.
extern "C" long read_decimals(const char* text, long length, char mark, double* numbers) {
  const char* const end = text + length;
  double* const first = numbers;
  const auto is_white = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  for (char after = '\n'; text < end;) {
    if (*text == '#' && after == '\n') while (text < end && *text != '\n') text++;
    else if (*text == mark || is_white(*text)) {
      if (*text == mark && (after == mark || after == '\n')) return -1;
      if (*text != ' ' && *text != '\t') after = *text;
      text++;
    } else {
      if (*text == '+' && (*++text < '0' || *text > '9') && *text != '.') return -1;
      auto [stop, error] = std::from_chars(text, end, *numbers++);
      bool ends = stop == end || *stop == mark || is_white(*stop);
      if (error != std::errc() || !ends || stop[-1] == ')') return -1;
      text = stop, after = '0';
    }
  }
  return numbers - first;
}
#endif

// -- polynomials of cells; see evaluation/lookup.py ---------------------------------------------------
#ifdef __clang__
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MIX(a, b, ...) __builtin_shuffle(a, b, Ints{__VA_ARGS__})
#endif
#define INLINE static inline __attribute__((always_inline))
typedef double Four __attribute__((vector_size(32)));
typedef int64_t Ints __attribute__((vector_size(32)));
const double START = 16, FAR = 4294967296;  // where cells begin to widen, and where the last begins
enum { CHUNK = 64, LAST = 13, HIGH, LOW, WIDTH };  // of a segment: its end and its centre

struct Cells {
  const int32_t* index;  // by key, where coefficients begin: below `table` 8 of a cell, else segments
  const double* table;
  int64_t shift, half, base, side;  // how many cells a side has; without cells, how many lines there are
};
template <class T> INLINE Four load(const T* from) {
  T __attribute__((vector_size(4 * sizeof(T)))) given;
  memcpy(&given, from, sizeof given);
  return __builtin_convertvector(given, Four);
}

// Value and gradient from four rows of coefficients; of segments, whose last columns say where they are.
template <int DEGREE> INLINE void horner(const double* const* rows, Four step, Four& value, Four& slope) {
  Four terms[WIDTH], *term = terms;
  for (int first = 0; first <= DEGREE; first += 4, term += 4) {
    const Four a = load(rows[0] + first), b = load(rows[1] + first), c = load(rows[2] + first);
    const Four d = load(rows[3] + first), ab = MIX(a, b, 0, 4, 2, 6), cd = MIX(c, d, 0, 4, 2, 6);
    const Four ba = MIX(a, b, 1, 5, 3, 7), dc = MIX(c, d, 1, 5, 3, 7);
    term[0] = MIX(ab, cd, 0, 1, 4, 5), term[1] = MIX(ba, dc, 0, 1, 4, 5);
    term[2] = MIX(ab, cd, 2, 3, 6, 7), term[3] = MIX(ba, dc, 2, 3, 6, 7);
  }
  if (DEGREE == LAST - 1) step = (step - terms[HIGH]) - terms[LOW];
  value = slope = terms[DEGREE];
  for (int k = DEGREE - 1; k > 0; --k) value = value * step + terms[k], slope = slope * step + value;
  value = value * step + terms[0];
}

// Fills value and gradient, of which one may be null, at n numbers, by cells or (DEGREE 1) lines. How many
// are left, without a polynomial or not finite, and in `left` where. No step waits for another's memory.
template <int DEGREE, class T>
INLINE int64_t look_up(const Cells cells, const T* x, int64_t n, T* value, T* gradient, int64_t* left) {
  typedef T Given __attribute__((vector_size(4 * sizeof(T))));
  const Ints first = Ints{} - cells.base, other = first + cells.side, half = Ints{} + cells.half;
  const Ints mask = Ints{} - (int64_t(1) << cells.shift);
  const double *rows[4], *const end = cells.table + cells.side * WIDTH;
  int64_t count = 0, keys[CHUNK];
  T room[3][CHUNK] = {};
  Four total, slope, steps[CHUNK / 4];
  for (int64_t begin = 0; begin < n; begin += CHUNK) {
    const int size = n - begin < CHUNK ? int(n - begin) : CHUNK;
    const T* from = size < CHUNK ? (const T*)memcpy(room[0], x + begin, size * sizeof(T)) : x + begin;
    T* const values = value && size == CHUNK ? value + begin : room[1];
    T* const slopes = gradient && size == CHUNK ? gradient + begin : room[2];
    int open[CHUNK + 1], opened = 0;
    for (int i = 0; i < CHUNK && DEGREE > 1; i += 4) {
      const Four at = load(from + i), distance = (Four)((Ints)at & INT64_MAX), beyond = distance + START;
      const Ints rounded = (Ints)(beyond < FAR ? beyond : Four{} + FAR) + half;
      const Four step = distance - ((Four)(rounded & mask) - START);
      const Ints key = (rounded >> cells.shift) + ((Ints)at < 0 ? other : first);
      steps[i / 4] = (Four)((Ints)step ^ ((Ints)at & INT64_MIN));
      memcpy(keys + i, &key, sizeof key);
    }
    for (int i = 0; i < CHUNK; i += 4) {
      if (DEGREE > 1) {
        for (int k = 0; k < 4; ++k) {
          rows[k] = cells.table + cells.index[keys[i + k]];
          open[opened] = i + k, opened += rows[k] >= cells.table;
        }
        horner<DEGREE>(rows, steps[i / 4], total, slope);
      } else {
        Four at = load(from + i), centre = Four{} + cells.table[HIGH];
        total = Four{} + cells.table[0], slope = Four{} + cells.table[1];
        for (const double* line = cells.table; (line += WIDTH) < end;) {
          const Ints beyond = at > line[LAST - WIDTH];
          centre = beyond ? Four{} + line[HIGH] : centre;
          total = beyond ? Four{} + line[0] : total, slope = beyond ? Four{} + line[1] : slope;
        }
        total = slope * (at - centre) + total;
        const Ints odd = (Ints)(at - at);
        for (int k = 0; k < 4 && (odd[0] | odd[1] | odd[2] | odd[3]); ++k)
          if (odd[k] && i + k < size) slope[k] = at[k] - at[k], left[count++] = begin + i + k;
      }
      const auto narrow = __builtin_convertvector(total, Given), rise = __builtin_convertvector(slope, Given);
      memcpy(values + i, &narrow, sizeof narrow), memcpy(slopes + i, &rise, sizeof rise);
    }
    for (int i = 0; i < opened; i += 4) {
      Four at{};
      for (int k = 0; k < 4; ++k) {
        const int place = open[i + k < opened ? i + k : i];
        rows[k] = cells.table + cells.index[keys[place]];
        for (at[k] = from[place]; at[k] > rows[k][LAST];) rows[k] += WIDTH;
      }
      horner<LAST - 1>(rows, at, total, slope);
      for (int k = 0; k < 4 && i + k < opened && open[i + k] < size; ++k) {
        values[open[i + k]] = total[k], slopes[open[i + k]] = slope[k];
        if (total[k] != total[k] || at[k] - at[k] != 0) left[count++] = begin + open[i + k];
      }
    }
    if (size < CHUNK && value) memcpy(value + begin, values, size * sizeof(T));
    if (size < CHUNK && gradient) memcpy(gradient + begin, slopes, size * sizeof(T));
  }
  return count;
}

extern "C" void fence() { __sync_synchronize(); }  // between what is stored before and after
extern "C"
#if defined(__x86_64__) && defined(__gnu_linux__)
__attribute__((target_clones("avx2", "default")))
#endif
int64_t look_up_cells(const Cells* cells, int is_float32, const void* x, int64_t n, void* value,
                      void* gradient, int64_t* left) {
#define LOOK_UP(DEGREE, T) look_up<DEGREE>(*cells, (const T*)x, n, (T*)value, (T*)gradient, left)
  if (is_float32) return cells->index ? LOOK_UP(6, float) : LOOK_UP(1, float);
  return cells->index ? LOOK_UP(7, double) : LOOK_UP(1, double);
}
