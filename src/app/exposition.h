#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wanspool::app {

// Text in Prometheus' exposition format, version 0.0.4: families with their help and their type, each once
// and whole, by name.
class Exposition {
 public:
  enum class Type { Counter, Gauge };
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // The samples that follow are of this family.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(double value, Labels const& labels = {});

  // Families without a sample are left out.
  std::string text() const;

 private:
  struct Family {
    std::string head, samples;
  };
  std::map<std::string, Family> families_;
  std::string name_;
};

}  // namespace wanspool::app
