#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/input_names.h"
#include "manifest/complaints.h"

namespace wanspool::yaml {

// What a manifest says after "job:", its name normalised part by part; `why_not`: in words for a person why
// it is nothing of the kind, left alone where it is.
PictureOfJob read_job_picture(std::string_view written, std::string& why_not);

// Which jobs are made from which, at a few dozen bytes for each such picture.
class Chains {
 public:
  // A job, at `at` in the manifest (for a row its line), is made from a picture of another one.
  void add(std::string const& job, PictureOfJob picture, std::size_t at, int row);
  // Looks a job up by the hash of its name: how many pictures it brings at most; 0: there is no such job.
  using PicturesOf = std::function<int(std::uint64_t job)>;
  // When all jobs are known. Complains of what is not there, of pictures beyond the last, and of cycles.
  void check(PicturesOf const& pictures_of, Complaints& complaints);
  // Jobs that others are made from, by the hashes of their names, sorted.
  std::vector<std::uint64_t> sources() const;
  bool empty() const { return links_.empty(); }

 private:
  struct Link {
    std::uint64_t job, source;
    std::uint32_t at;
    std::uint32_t row : 24, number : 8;
    std::string name;  // of the source
  };
  void find_cycles(Complaints& complaints);
  std::string cycle_through(std::vector<std::size_t> const& path) const;

  std::vector<Link> links_;
};

}  // namespace wanspool::yaml
