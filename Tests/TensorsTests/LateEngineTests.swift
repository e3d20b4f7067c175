import CEngine
import Foundation
import Synchronization
import Tensors
import Testing

/// What happens before something needs the engine. Each test is a process of its own, for an engine is loaded once.
@Suite struct LateEngineTests {
    @Test("Scopes and settings neither need an engine nor load one; the first tensor says that there is none")
    func missing() async {
        await #expect(processExitsWith: .success) {
            setenv("GENERA_ENGINE", "/nowhere/libgenera-engine.so", 1)
            Engine.setIntraOpThreads(2)
            Engine.setFastMatmul(true)
            Engine.synchronize(.cpu)
            let inside = inferenceMode {
                withoutGradients { withGradients { autocast(.bfloat16) { flushingDenormals { Engine.isLoaded } } } }
            }
            try #require(!inside && Engine.loadedInformation == nil)
            let sum = inferenceMode { Tensor([1.0]) + Tensor.zeros([1]) }
            let error = try #require(sum.error)
            try #require(error.missingEngine == .notFound(["/nowhere/libgenera-engine.so"]))
            try #require(error.description == error.missingEngine?.description)
            try #require(Tensor.zeros([1]).error?.missingEngine != nil && Operator("sum")([.tensor(sum)]).error != nil)
            let three = inferenceMode { 3 }
            try #require(three == 3 && !Engine.isLoaded && Engine.loadedInformation == nil)
            Engine.setIntraOpThreads(1)
            try #require(Engine.intraOpThreads == 1)
            #expect(throws: Engine.LoadError.self) { try Engine.require() }
        }
    }

    @Test("A body whose first operation loads the engine is in its scopes all the same")
    func scopes() async {
        await #expect(processExitsWith: .success) {
            let inside = inferenceMode {
                let before = Engine.isLoaded
                let made = Tensor([1.0])
                return before || !Engine.isLoaded ? nil : made
            }
            // Tensors of inference mode cannot be given gradients outside.
            let made = try #require(inside)
            #expect(throws: TensorError.self) { try made.requiringGradient() }
            try #require(genera_waiting() == 0 && Engine.loadedInformation?.torchVersion.isEmpty == false)
            let leaf = try Tensor([2.0]).requiringGradient()
            try #require((leaf * 2).requiresGradient)
        }
        await #expect(processExitsWith: .success) {
            try withoutGradients {
                try autocast(.bfloat16) {
                    try withGradients {
                        let leaf = try Tensor.ones([2, 2]).requiringGradient()
                        try #require(leaf.matmul(leaf).dtype == .bfloat16 && (leaf * 2).requiresGradient)
                    }
                    let leaf = try Tensor.ones([2, 2]).requiringGradient()
                    try #require(leaf.matmul(leaf).dtype == .bfloat16 && !(leaf * 2).requiresGradient)
                }
                try #require(Tensor.ones([2, 2]).matmul(Tensor.ones([2, 2])).dtype == .float32)
            }
            let leaf = try Tensor.ones([2, 2]).requiringGradient()
            try #require((leaf * 2).requiresGradient && genera_waiting() == 0)
        }
    }

    @Test("A thread that waits for the engine has its settings though another thread loads it")
    func threads() async {
        await #expect(processExitsWith: .success) {
            let isOpen = Count()
            let tensor = Mutex(Tensor?.none)
            let outcome = Mutex("")
            let thread = Thread {
                Engine.setIntraOpThreads(3)
                inferenceMode {
                    isOpen.add(1)
                    while tensor.withLock({ $0 == nil }) { usleep(1000) }
                    guard let leaf = tensor.withLock({ $0 }) else { return }
                    let records = (leaf * 2).requiresGradient
                    outcome.withLock { $0 = "\(records) \(Engine.intraOpThreads)" }
                }
                let records = tensor.withLock { ($0! * 2).requiresGradient }
                outcome.withLock { $0 += " \(records)" }
                isOpen.add(1)
            }
            thread.start()
            while isOpen.value == 0 { usleep(1000) }
            try #require(!Engine.isLoaded && genera_waiting() == 1)
            let leaf = try Tensor([1.0]).requiringGradient()
            tensor.withLock { $0 = leaf }
            while isOpen.value == 1 { usleep(1000) }
            try #require(outcome.withLock { $0 } == "false 3 true" && genera_waiting() == 0)
        }
    }

    @Test("A thread that ends without a tensor leaves nothing behind")
    func ended() async {
        await #expect(processExitsWith: .success) {
            let done = Count()
            for _ in 0..<4 {
                let thread = Thread {
                    Engine.setIntraOpThreads(1)
                    inferenceMode { done.add(1) }
                }
                thread.start()
            }
            while done.value < 4 || genera_waiting() > 0 { usleep(1000) }
            try #require(!Engine.isLoaded)
        }
    }

    @Test("Fast products that are asked for before the engine is there are fast")
    func fastMatmul() async {
        await #expect(processExitsWith: .success) {
            Engine.setFastMatmul(true)
            try #require(!Engine.isLoaded)
            let a = Tensor(numbers(256 * 256), shape: [256, 256]).to(.float32)
            let early = try a.matmul(a).values
            Engine.setFastMatmul(false)
            let exact = try a.matmul(a).values
            Engine.setFastMatmul(true)
            try #require(try a.matmul(a).values == early)
            // Where the processor multiplies bfloat16 numbers, LibTorch uses that.
            let facts = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            if facts.contains("avx512_bf16") { try #require(early != exact) }
        }
    }

    @Test("Without a wish, numbers too small for full accuracy are kept; a wish holds for its thread and scope")
    func denormals() throws {
        func half(_ x: Float) throws -> Double { try (Tensor([x]) * 0.5).item() }
        let (smallest, tiny) = (Float.leastNormalMagnitude, Double(Float.leastNormalMagnitude) / 2)
        #expect(try half(smallest) == tiny)
        try flushingDenormals {
            #expect(try half(smallest) == 0 && half(smallest * 2) == Double(smallest))
            let inner = try flushingDenormals(false) { try half(smallest) }
            #expect(inner == tiny)
            #expect(try half(smallest) == 0)
        }
        #expect(try half(smallest) == tiny)
        #expect(!Engine.setFlushDenormals(true) && Engine.setFlushDenormals(false))
        let other = Mutex(Double.nan)
        Engine.setFlushDenormals(false)
        let thread = Thread {
            Engine.setFlushDenormals(true)
            let value = try? (Tensor([Float.leastNormalMagnitude]) * 0.5).item()
            other.withLock { $0 = value ?? .nan }
        }
        thread.start()
        while !thread.isFinished { usleep(1000) }
        #expect(other.withLock { $0 } == 0)
        #expect(try half(smallest) == tiny)
    }
}
