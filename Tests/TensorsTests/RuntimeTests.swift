import Foundation
import Synchronization
import Tensors
import Testing

@Suite(.serialized) struct RuntimeTests {
    @Test("A hundred thousand operations leave the memory as it was")
    func flatMemory() throws {
        var x = Tensor(numbers(4096)).to(.float32)
        func work(_ count: Int) {
            for _ in 0..<count { x = (x * 0.5 + 1).tanh() }
        }
        work(300)
        let before = try residentMemory()
        work(33_000)
        // The results take 1.6 GB together; other tests of the process have some memory of their own.
        #expect(try residentMemory() - before < 400 << 20)
        #expect(try x.isFinite())
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

    @Test("The engine says what it is")
    func information() throws {
        let information = try Engine.information()
        #expect(
            information.torchVersion.first?.isNumber == true && !information.path.isEmpty
                && !information.capability.isEmpty)
    }
}
