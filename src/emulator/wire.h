#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.h"
#include "base/time.h"

// HTTP/1.1 as bytes: requests out of a buffer, answers into one. No sockets here.
namespace wanspool::emulator {

// One request as it came.
struct Asked {
  std::string method;
  std::string path;             // as sent, without the query
  std::string query;            // as sent, without the '?'
  std::vector<Header> headers;  // names in lower case
  std::string body;
  bool keep_alive = true;
  bool one_dot_one = true;

  bool has(std::string_view name) const;
  std::string_view header(std::string_view name) const;  // "" where there is none
  std::string_view key() const;                          // of "Authorization: Bearer KEY"
};

// What becomes of the connection instead of, or after, an answer.
enum class End { Answer, Close, Reset, Hang };
// The gun: the process under test is killed before the answer leaves, or after its last byte was written.
enum class Shot { None, Before, After };

// How an answer is sent; everything here is a fault that somebody asked for.
struct Manner {
  milliseconds delay{0};
  std::size_t bytes_per_second = 0;  // 0: as fast as it goes
  bool gzip = false;
  bool chunked = false;
  bool half = false;          // the body stops in the middle and the connection closes
  bool wrong_length = false;  // more is announced than comes
  End end = End::Answer;
  Shot shot = Shot::None;
};

struct Answer {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  bool chunked = false;    // the API's habit; the result server names a length
  bool gzip_asked = true;  // may be packed where the client takes it
  Manner manner;
};

// Collects one request after the other out of a growing buffer.
class Reader {
 public:
  enum class State { More, Done, Bad };

  explicit Reader(std::size_t body_limit) : body_limit_{body_limit} {}

  // Takes what belongs to the current request from the front of `buffer`. After Done the request is in
  // `asked()` and the next call begins a new one; after Bad `complaint_status()` says what to answer.
  State read(std::string& buffer);
  Asked& asked() { return asked_; }
  int complaint_status() const { return complaint_; }
  bool wants_continue();  // true once for a request that waits for "100 Continue"

 private:
  enum class Part { Head, Sized, ChunkSize, Chunk, Trailer };

  State head(std::string& buffer);
  State sized(std::string& buffer);
  State chunk_size(std::string& buffer);
  State chunk(std::string& buffer);
  State trailer(std::string& buffer);
  State bad(int status);
  bool request_line(std::string_view line);
  State framing();

  std::size_t body_limit_;
  Part part_ = Part::Head;
  std::size_t scanned_ = 0;
  std::size_t left_ = 0;
  Asked asked_;
  int complaint_ = 0;
  bool continue_ = false;
};

// The bytes of an answer, framed as the request and the answer's manner want it; `close` says whether the
// connection ends with them.
struct Bytes {
  std::string text;
  bool close = false;
};
Bytes encode(Answer const& answer, Asked const& asked);

std::string percent_decoded(std::string_view text);
std::string percent_encoded(std::string_view text);  // all but letters, digits and -_.~
std::map<std::string, std::string> parameters(std::string_view query);
std::string gzipped(std::string_view text);
std::string http_date(Instant at);

}  // namespace wanspool::emulator
