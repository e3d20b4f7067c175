// A differentiable function whose derivatives the caller works out.
#pragma once

#include "handles.h"
#include "scopes.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/variable.h>

#include <mutex>
#include <type_traits>

namespace {

using torch::autograd::variable_list;

// Nodes of the graph were held by std::shared_ptr in older versions, which delete them by a function of their own.
using NodePointer = decltype(torch::autograd::Edge::function);

template <class N, class Pointer = NodePointer, class... Arguments> Pointer make_node(Arguments &&...arguments) {
    if constexpr (std::is_same<Pointer, std::shared_ptr<torch::autograd::Node>>::value) {
        return Pointer(new N(std::forward<Arguments>(arguments)...), [](N *node) { deleteNode(node); });
    } else {
        return c10::make_intrusive<N>(std::forward<Arguments>(arguments)...);
    }
}

// Stands where a derivative would have to be differentiated again.
struct NoSecondDerivative : torch::autograd::Node {
    std::string title;
    explicit NoSecondDerivative(std::string t) : title(std::move(t)) {}
    std::string name() const override { return title; }
    variable_list apply(variable_list &&) override {
        TORCH_CHECK(false, title, " has first derivatives only: what its backward gives cannot be differentiated again");
    }
};

// Lets go of what a function keeps. That may be the last tensor of another function's graph, and so on through a long chain: those
// wait their turn, so that no chain is too long for the stack.
void let_go(Held &&kept) {
    static thread_local std::vector<Held> *waiting = nullptr;
    if (waiting) return waiting->push_back(std::move(kept));
    std::vector<Held> list;
    list.push_back(std::move(kept));
    waiting = &list;
    while (!list.empty()) {
        Held next = std::move(list.back());
        list.pop_back();
    }
    waiting = nullptr;
}

struct Function : torch::autograd::Node {
    std::string title;
    ge_backward callback;
    void (*release)(void *);
    Held context;
    c10::DeviceType device;
    Casting casting;

    Function(const char *t, ge_backward b, void (*r)(void *), Held c, c10::DeviceType d)
        : title(t), callback(b), release(r), context(std::move(c)), device(d), casting(Casting::now(d)) {}

    ~Function() override { let_go(std::move(context)); }

    std::string name() const override { return title; }

    // What the context keeps is not needed after the only pass.
    void release_variables() override {
        Held last;
        {
            std::lock_guard<std::mutex> lock(mutex_);
            last.swap(context);
        }
        let_go(std::move(last));
    }

    variable_list apply(variable_list &&gradients) override {
        Held kept;
        {
            std::lock_guard<std::mutex> lock(mutex_);
            kept = context;
        }
        TORCH_CHECK(kept, title, " was differentiated before, and let go of what it had kept: compute it anew");
        const bool recording = at::GradMode::is_enabled();
        std::vector<ge_tensor> given, results(num_outputs(), nullptr);
        for (const Tensor &g : gradients) given.push_back(g.defined() ? reinterpret_cast<ge_tensor>(g.unsafeGetTensorImpl()) : nullptr);
        std::vector<int32_t> wanted;
        for (uint32_t i = 0; i < num_outputs(); i++) wanted.push_back(is_wanted(i));
        void *error = nullptr;
        int status;
        {
            at::AutoGradMode off(false);
            Autocast as_in_forward(device, casting);
            status = callback(
                kept.get(), given.data(), static_cast<int32_t>(given.size()), wanted.data(), results.data(),
                static_cast<int32_t>(results.size()), &error);
        }
        variable_list found;
        for (ge_tensor handle : results) found.push_back(handle ? taken(handle) : Tensor());
        if (status) throw CallbackFailure(title + ": its backward failed", error ? Held(error, release) : Held());
        if (recording) refuse_second(found, gradients);
        return found;
    }

  private:
    bool is_wanted(uint32_t input) const {
#if TORCH_AT_LEAST(2, 0)
        return task_should_compute_output(input);
#else
        return should_compute_output(input);
#endif
    }

    void refuse_second(variable_list &found, const variable_list &gradients) const {
        auto edges = torch::autograd::collect_next_edges(gradients);
        for (const auto &edge : next_edges()) {
            if (edge.is_valid()) edges.push_back(edge);
        }
        auto refusal = make_node<NoSecondDerivative>(title);
        refusal->set_next_edges(std::move(edges));
        for (Tensor &result : found) {
            if (!result.defined()) continue;
            result = result.variable_data();
            torch::autograd::set_history(result, refusal);
        }
    }
};

int function(
    const char *title, const ge_tensor *inputs, int32_t n, const ge_tensor *outputs, int32_t m, ge_backward backward,
    void (*release)(void *), void *context, ge_tensor *out) {
    return guarded([&] {
        Held held(context, release);
        const variable_list sources = owned(inputs, n);
        variable_list results;
        for (int32_t i = 0; i < m; i++) {
            // Whatever history the output has is of no account, and its own memory need not be copied; but what was made in
            // inference mode cannot take part in derivatives.
            const Tensor output = owned(outputs[i]);
            const bool copies = output.is_inference() && !c10::InferenceMode::is_enabled();
            results.push_back(copies ? output.detach().clone() : output.variable_data());
        }
        if (torch::autograd::compute_requires_grad(sources)) {
            const auto type = m ? results[0].device().type() : at::kCPU;
            auto node = make_node<Function>(title, backward, release, std::move(held), type);
            node->set_next_edges(torch::autograd::collect_next_edges(sources));
            for (Tensor &result : results) {
                if (torch::autograd::isDifferentiableType(result.scalar_type())) {
                    torch::autograd::set_history(result, node);
                } else {
                    node->add_input_metadata(torch::autograd::Node::undefined_input());
                }
            }
        }
        for (int32_t i = 0; i < m; i++) out[i] = give(results[i]);
    });
}

}  // namespace
