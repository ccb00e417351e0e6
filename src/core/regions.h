#pragma once

#include <array>
#include <string_view>

// Where the service is sold (contract §1.1).
namespace wanspool {

struct Region {
  std::string_view name;
  std::string_view host;  // that everybody shares; "": none, there a workspace has one of its own
};

inline constexpr std::array<Region, 6> kRegions{{
    {"cn-beijing", "dashscope.aliyuncs.com"},
    {"ap-southeast-1", "dashscope-intl.aliyuncs.com"},
    {"us-east-1", "dashscope-us.aliyuncs.com"},
    {"eu-central-1", ""},
    {"cn-hongkong", "cn-hongkong.dashscope.aliyuncs.com"},
    {"ap-northeast-1", ""},
}};

constexpr Region const* find_region(std::string_view name) {
  for (auto const& each : kRegions)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace wanspool
