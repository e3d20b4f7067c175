import Foundation
import Synchronization
import Tensors
import Testing

@Suite(.serialized) struct RuntimeTests {
    /// Resident memory of this process in bytes.
    private func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }

    @Test("A hundred thousand operations leave the memory as it was")
    func flatMemory() throws {
        var x = Tensor(numbers(4096)).to(.float32)
        func work(_ count: Int) {
            for _ in 0..<count { x = (x * 0.5 + 1).tanh() }
        }
        work(2000)
        let before = try resident()
        work(98_000 / 3)
        #expect(try resident() - before < 8 << 20)
        #expect(try x.isFinite())
    }

    @Test("Failures do not pile up in memory either")
    func flatFailures() throws {
        let (a, b) = (Tensor([1.0, 2]), Tensor([1.0, 2, 3]))
        for _ in 0..<1000 { _ = a + b }
        let before = try resident()
        for _ in 0..<10_000 { _ = a + b }
        #expect(try resident() - before < 8 << 20)
    }

    @Test("Two threads computing from different seeds give what one after the other gives")
    func threads() throws {
        @Sendable func work(_ seed: UInt64) -> [Double] {
            Engine.setIntraOpThreads(1)
            return inferenceMode {
                var x = Tensor(numbers(64 * 64, seed: seed), shape: [64, 64]).to(.float32)
                let w = Tensor(numbers(64 * 64, seed: seed + 100), shape: [64, 64]).to(.float32) * 0.2
                for _ in 0..<200 { x = x.matmul(w).tanh() + 0.01 }
                return (try? x.values) ?? []
            }
        }
        let alone = [work(1), work(2)]
        let together = Mutex([[Double]](repeating: [], count: 2))
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let result = work(UInt64(index + 1))
            together.withLock { $0[index] = result }
        }
        #expect(together.withLock { $0 } == alone && alone[0] != alone[1] && !alone[0].isEmpty)
    }

    @Test("Scopes belong to their thread")
    func threadLocalScopes() throws {
        let leaf = try Tensor([1.0]).requiringGradient()
        let recorded = Mutex(false)
        withoutGradients {
            let thread = Thread { recorded.withLock { $0 = (leaf * 2).requiresGradient } }
            thread.start()
            while !thread.isFinished { usleep(1000) }
        }
        #expect(recorded.withLock { $0 })
    }

    @Test("The number of threads of an operation is set for the calling thread")
    func threadCount() {
        let before = Engine.intraOpThreads
        Engine.setIntraOpThreads(1)
        #expect(Engine.intraOpThreads == 1)
        Engine.setIntraOpThreads(before)
    }

    @Test("The same seed of LibTorch's own generator gives the same numbers")
    func globalSeed() throws {
        Engine.seedGlobalGenerator(7)
        let first = try Operator("randn")([.ints([5])]).values
        let second = try Operator("randn")([.ints([5])]).values
        Engine.seedGlobalGenerator(7)
        #expect(try Operator("randn")([.ints([5])]).values == first && first != second)
    }

    @Test("The engine says what it is")
    func information() throws {
        let information = try Engine.information()
        #expect(information.torchVersion.first?.isNumber == true && !information.path.isEmpty && !information.capability.isEmpty)
    }
}
