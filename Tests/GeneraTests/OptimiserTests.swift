import Foundation
import Genera
import GeneraTesting
import Testing

@Suite("Optimisers")
struct OptimiserTests {
    private func weights(_ values: [Float] = [1, 2, 3, 4]) throws -> [(name: String, tensor: Tensor)] {
        [
            ("w", try Tensor(values, shape: [2, 2]).requiringGradient()),
            ("b", try Tensor([10, 20] as [Float], shape: [2, 1]).requiringGradient()),
        ]
    }

    private func gradients(_ w: Float = 1, _ b: Float = -1) -> [Tensor] {
        [Tensor([w, w, w, w], shape: [2, 2]), Tensor([b, b], shape: [2, 1])]
    }

    private func values(_ tensor: Tensor) throws -> [Double] { try tensor.array(of: Double.self) }

    private func expectEqual(_ got: [Double], _ expected: [Double], at location: SourceLocation = #_sourceLocation) {
        #expect(got.count == expected.count, sourceLocation: location)
        for (a, b) in zip(got, expected) {
            #expect(abs(a - b) <= 2e-6 * max(1, abs(b)), "\(got), expected \(expected)", sourceLocation: location)
        }
    }

    @Test("Gradients above the largest norm are scaled down to it as in PyTorch; the norm told is the one before")
    func clip() throws {
        var optimiser = try Optimiser(
            "x", [("p", try Tensor([0.5, -1.25, 2] as [Float]).requiringGradient())], SGD(), clip: 0.5)
        var norms: [Double] = []
        for step in 0..<5 {
            let gradient = (0..<3).map { Float(sin(1.0 + Double($0) + 2 * Double(step))) }
            let told = try optimiser.step([Tensor(gradient)], rate: 0.05)
            #expect(told.map(\.name) == ["x.lr", "x.grad_norm"])
            norms.append(told[1].value)
        }
        // torch.nn.utils.clip_grad_norm_ and torch.optim.SGD, version 2.13.
        expectEqual(try values(optimiser.parameters[0]), [0.478737235, -1.25544369, 2.01538014])
        expectEqual(
            norms,
            (0..<5).map { t in
                (0..<3).map { pow(sin(1.0 + Double($0 + 2 * t)), 2) }.reduce(0, +).squareRoot()
            })
        var free = try Optimiser("x", [("p", try Tensor([0.5] as [Float]).requiringGradient())], SGD(), clip: 0.5)
        _ = try free.step([Tensor([0.4] as [Float])], rate: 1)
        expectEqual(try values(free.parameters[0]), [0.1])
    }

    @Test("The counted average has the decay min(limit, (1 + n) / (10 + n))")
    func counted() throws {
        var optimiser = try Optimiser("", weights(), SGD(), average: .counted(0.3))
        var (weight, average) = (1.0, 1.0)
        for n in 1...6 {
            let told = try optimiser.step(gradients(0.5), rate: 1)
            weight -= 0.5
            let decay = min(0.3, Double(1 + n) / Double(10 + n))
            average = decay * average + (1 - decay) * weight
            #expect(told.last == .latest("ema_beta", decay))
        }
        expectEqual([try values(optimiser.averaged[0].tensor)[0]], [average])
        expectEqual([try values(optimiser.parameters[0])[0]], [weight])
    }

    @Test("The average of a half-life copies first, and forgets half in its half-life")
    func halfLife() {
        guard case let .decay(decay) = Average.halfLife(1000, batch: 10, ramp: 0.5) else { return }
        #expect(decay(0) == 0 && decay(100) == pow(0.5, 10.0 / 500) && decay(10_000) == pow(0.5, 0.01))
        guard case let .decay(plain) = Average.halfLife(1000, batch: 10) else { return }
        #expect(plain(0) == pow(0.5, 0.01))
    }

    @Test(
        "A gradient that is not finite is told by its parameter and nothing moves; where cleaning is asked for it is cleaned"
    )
    func notFinite() throws {
        var optimiser = try Optimiser("x", weights(), average: .counted(0.9))
        let before = try optimiser.state.map { try values($0.tensor) }
        let error = #expect(throws: (any Error).self) { try optimiser.step(gradients(1, .nan), rate: 0.1) }
        #expect("\(error as Any)".contains("x.b"))
        #expect(try optimiser.state.map { try values($0.tensor) } == before)
        var cleaned = try Optimiser("", weights(), SGD(), cleaning: 100)
        _ = try cleaned.step(gradients(.infinity, .nan), rate: 0.01)
        expectEqual(try values(cleaned.parameters[0]), [0, 1, 2, 3])
        expectEqual(try values(cleaned.parameters[1]), [10, 20])
    }

    @Test("A state is taken over whole, in place, and steps go on with the same bits")
    func state() throws {
        var one = try Optimiser("x", weights(), Adam(decay: .l2(0.1)), average: .counted(0.9))
        for _ in 0..<3 { _ = try one.step(gradients(), rate: 0.1) }
        #expect(
            one.state.map(\.name) == [
                "x.weight.w", "x.weight.b", "x.mean.w", "x.mean.b", "x.square.w", "x.square.b", "x.average.w",
                "x.average.b", "x.steps",
            ])
        let saved = TrainingState(try one.state.map { ($0.name, try $0.tensor.detached().cloned().checked()) })
        let fresh = try weights()
        var two = try Optimiser("x", fresh, Adam(decay: .l2(0.1)), average: .counted(0.9))
        try two.restore(saved)
        for _ in 0..<2 {
            _ = try one.step(gradients(), rate: 0.1)
            _ = try two.step(gradients(), rate: 0.1)
        }
        #expect(try one.state.map { try values($0.tensor) } == two.state.map { try values($0.tensor) })
        #expect(try values(fresh[0].tensor) == values(one.parameters[0]))
    }

    @Test("A state that does not fit is told, and nothing is taken over")
    func wrongState() throws {
        var optimiser = try Optimiser("x", weights())
        var entries = optimiser.state
        func refusal() -> String {
            let error = #expect(throws: GeneraError.self) { try optimiser.restore(TrainingState(entries, file: "f")) }
            return error?.description ?? ""
        }
        entries[5].tensor = Tensor.zeros([3, 1])
        #expect(refusal().contains("f: 'x.square.b' is float32 [3, 1], float32 [2, 1] is needed"))
        entries[6].tensor = Tensor(-2)
        #expect(refusal().contains("'x.steps' is -2.0 and not a count"))
        entries.removeLast()
        #expect(refusal().contains("holds no 'x.steps'"))
        #expect(try values(optimiser.parameters[0]) == [1, 2, 3, 4])
    }

    @Test("Rows are kept by mask or by number, and what is remembered follows", arguments: [true, false])
    func kept(byMask: Bool) throws {
        var optimiser = try Optimiser("x", weights(), average: .counted(0.9))
        _ = try optimiser.step(
            [Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]), Tensor([5, 6] as [Float], shape: [2, 1])], rate: 0.1)
        let before = try optimiser.state.dropLast().map { try values($0.tensor) }
        try optimiser.keep(rows: byMask ? Tensor([false, true]) : Tensor([1]))
        #expect(
            try optimiser.state.dropLast().map { try values($0.tensor) }
                == before.map { Array($0.suffix($0.count / 2)) })
        #expect(optimiser.parameters.allSatisfy(\.requiresGradient) && optimiser.stepCount == 1)
        if byMask {
            #expect(throws: GeneraError.self) { try optimiser.keep(rows: Tensor([true, true])) }
        }
    }

    @Test("Rows that are added begin without a past, and steps go on")
    func appended() throws {
        var optimiser = try Optimiser("x", weights(), average: .counted(0.9))
        _ = try optimiser.step(gradients(), rate: 0.1)
        let mean = try values(optimiser.memoryOfFirst)
        try optimiser.append([Tensor([7, 8] as [Float], shape: [1, 2]), Tensor([9] as [Float], shape: [1, 1])])
        #expect(optimiser.parameters.map(\.shape) == [[3, 2], [3, 1]])
        #expect(try values(optimiser.memoryOfFirst) == mean + [0, 0])
        #expect(try Array(values(optimiser.averaged[0].tensor).suffix(2)) == [7, 8])
        let g = [Tensor.ones([3, 2]), Tensor.ones([3, 1])]
        _ = try optimiser.step(g, rate: 0.1)
        // Adam's second step with means of the first step alone: the corrections are those of the step's number.
        let (m, v) = (0.1 / (1 - 0.81), 0.001 / (1 - 0.998001))
        expectEqual(Array(try values(optimiser.parameters[0]).suffix(2)), [7, 8].map { $0 - 0.1 * m / v.squareRoot() })
        for rows in [
            [Tensor.ones([1, 2])], [Tensor.ones([1, 3]), Tensor.ones([1, 1])],
            [Tensor.ones([1, 2]), Tensor.ones([2, 1])],
        ] {
            #expect(throws: GeneraError.self) { try optimiser.append(rows) }
        }
        #expect(optimiser.parameters.map(\.shape) == [[3, 2], [3, 1]])
    }

    @Test("A parameter that is replaced begins without a past")
    func replaced() throws {
        var optimiser = try Optimiser("", weights(), average: .counted(0.9))
        _ = try optimiser.step(gradients(), rate: 0.1)
        try optimiser.replace(1, by: Tensor([5] as [Float]))
        #expect(try values(optimiser.parameters[1]) == [5] && optimiser.parameters[1].requiresGradient)
        let state = Dictionary(uniqueKeysWithValues: optimiser.state.map { ($0.name, $0.tensor) })
        #expect(try values(try #require(state["square.b"])) == [0] && values(try #require(state["average.b"])) == [5])
    }

    @Test("Two parameters of one name are refused")
    func names() throws {
        let one = try weights()[0]
        #expect(throws: GeneraError.self) { try Optimiser("x", [one, one]) }
    }
}

extension Optimiser {
    fileprivate var memoryOfFirst: Tensor { state.first { $0.name == "x.mean.w" }!.tensor }
}

@Suite("Steps of training")
struct TrainingStepTests {
    @Test("Parts of any size and any number of workers give the mean over the batch")
    func parts() throws {
        let w = try Tensor([2, -1] as [Float], shape: [2, 1]).requiringGradient()
        let idle = try Tensor([5] as [Float]).requiringGradient()
        func step(_ cut: Int?, workers: Int = 1) throws -> (losses: [Double], gradients: [[Double]]) {
            let step = TrainingStep(number: 3, indices: Array(0..<10), seed: 1, workers: workers)
            let found = try step.gradients(of: [w, idle], cut: cut) { batch in
                #expect(batch.size == 10 && batch.step == 3 && batch.indices == batch.noise.samples)
                let x = Tensor(batch.indices.flatMap { [Float($0), 1] }, shape: [batch.indices.count, 2])
                let y = x.matmul(w)
                return [y.squared().mean(), y.mean()]
            }
            return (found.losses, try found.gradients.map { try $0.array(of: Double.self) })
        }
        // y = 2x - 1 for x = 0...9: the mean of y is 8, that of y² 97.
        let whole = try step(nil)
        #expect(abs(whole.losses[0] - 97) < 1e-4 && abs(whole.losses[1] - 8) < 1e-5)
        // d/dw of mean(y²) + mean(y): 2 mean(y x) + mean(x), 2 mean(y) + 1.
        #expect(abs(whole.gradients[0][0] - (2 * 52.5 + 4.5)) < 1e-3 && abs(whole.gradients[0][1] - 17) < 1e-4)
        #expect(whole.gradients[1] == [0])
        for cut in [1, 3, 4, 100] {
            let (one, three) = (try step(cut), try step(cut, workers: 3))
            #expect(one.losses == three.losses && one.gradients == three.gradients)
            for (a, b) in zip(one.losses, whole.losses) { #expect(abs(a - b) < 1e-4) }
            #expect(abs(one.gradients[0][0] - whole.gradients[0][0]) < 1e-3)
        }
    }

    @Test("Orders: endless batches run across epochs, others end with them and keep the last or not")
    func orders() {
        let endless = BatchOrder.endless(samples: 10, batch: 4)
        #expect((0..<6).map { endless.place(of: $0).epoch } == [0, 0, 0, 1, 1, 2])
        #expect((0..<6).map { endless.place(of: $0).place } == [0, 1, 2, 0, 1, 0])
        #expect((0..<3).map { endless.place(of: $0).draws } == [0..<4, 4..<8, 8..<12])
        #expect(endless.samplesSeen(after: 6) == 24)
        let kept = BatchOrder.epochs(samples: 10, batch: 4, keepsLast: true)
        #expect((0..<4).map { kept.place(of: $0).draws } == [0..<4, 4..<8, 8..<10, 10..<14])
        #expect((0..<4).map { kept.place(of: $0).epoch } == [0, 0, 0, 1] && kept.place(of: 5).place == 2)
        #expect((0...4).map { kept.samplesSeen(after: $0) } == [0, 4, 8, 10, 14] && kept.batchesPerEpoch == 3)
        let dropped = BatchOrder.epochs(samples: 10, batch: 4, keepsLast: false)
        #expect((0..<4).map { dropped.place(of: $0).draws } == [0..<4, 4..<8, 10..<14, 14..<18])
        #expect(dropped.samplesSeen(after: 3) == 12 && dropped.batchesPerEpoch == 2)
        #expect(BatchOrder.epochs(samples: 3, batch: 8, keepsLast: true).place(of: 1).draws == 3..<6)
        #expect(BatchOrder.endless(samples: 3, batch: 8).place(of: 1) == .init(epoch: 2, place: 0, draws: 8..<16))
    }
}
