import Foundation
import Genera

/// The same 8 evaluations of a convolution block, shared out in three ways. Run it also with OMP_WAIT_POLICY=ACTIVE, and
/// with other work on the machine: that is what decides the default.
func threads() throws {
    let weight = Tensor.ones([64, 64, 3, 3]) * 0.01
    let x = Tensor.ones([8, 64, 32, 32])
    @Sendable func block(_ x: Tensor) throws {
        try inferenceMode { _ = try x.conv2d(weight, padding: 1).silu().conv2d(weight, padding: 1).checked() }
    }
    func shared(workers: Int, intraOp: Int) -> Double {
        median {
            Parallel.run(workers: workers) { worker in
                Engine.setIntraOpThreads(intraOp)
                for _ in 0..<8 / workers { try? block(x) }
            }
        }
    }
    let one = shared(workers: 1, intraOp: 1)
    let rows = [(1, 1), (1, 2), (2, 1)].map { workers, intraOp in
        let seconds = shared(workers: workers, intraOp: intraOp)
        return ["\(workers)", "\(intraOp)", milliseconds(seconds), ratio(one / seconds)]
    }
    let policy = ProcessInfo.processInfo.environment["OMP_WAIT_POLICY"] ?? "unset (passive)"
    printTable(
        "8 convolution blocks [8, 64, 32, 32], OMP_WAIT_POLICY \(policy)", ["workers", "threads each", "ms", "speed"],
        rows)
}
