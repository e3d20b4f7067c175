// What one addition of 8 numbers costs in C++, in inference mode: nanoseconds, the median of 7 runs.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

int main() {
    at::set_num_threads(1);
    c10::InferenceMode guard;
    const int count = 20000;
    const at::Tensor a = at::ones({8});
    std::vector<double> times;
    for (int run = 0; run < 8; run++) {
        at::Tensor x = a;
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < count; i++) x = at::add(x, a);
        times.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - began).count() / count);
    }
    std::sort(times.begin() + 1, times.end());
    std::printf("%.0f\n", times[4]);
}
