import Genera
import GeneraTesting
import PFGMPP
import Testing

@Suite struct ReplayTests {
    @Test(
        "Latents, classes and noise of the reference are the same bits on any number of threads",
        arguments: [64, .infinity])
    func threads(D: Double) throws {
        let replay = ReferenceReplay(shape: [3, 8, 8], D: D, classes: 10)
        @Sendable func draws(_ seed: Int) throws -> [Double] {
            let latents = try replay.latents(seed: UInt64(seed), sigma: 80).array(of: Double.self)
            let noise = try replay.noise(seed: UInt64(seed), step: 2).array(of: Double.self)
            return latents + noise + [Double(try replay.label(seed: UInt64(seed)))]
        }
        let alone = try (0..<24).map { try draws($0) }
        #expect(try Parallel.map(24, workers: 4) { try draws($0) } == alone)
        #expect(Set(alone).count == 24)
    }

    @Test("The reference's recorded latents and classes come out bit for bit")
    func recorded() throws {
        guard Golden.isPresent("pfgmpp") else { return }
        let one = try #require(try Golden.cases(of: "pfgmpp").first { $0.name == "prior_latents" })
        let tensors = try one.tensors()
        let seeds = try #require(tensors["seeds"]).array(of: Int.self)
        for (word, D) in [("D2", 2.0), ("D128", 128), ("D2048", 2048), ("inf", .infinity)] {
            let replay = ReferenceReplay(shape: [3, 8, 8], D: D, classes: 10)
            let latents = try Tensor.concatenated(seeds.map { try replay.latents(seed: UInt64($0), sigma: 80) })
            let expected = try #require(tensors[D.isInfinite ? word : "pfgmpp_\(word)"])
            #expect(try latents.distance(to: expected) == 0, "\(word)")
            let labels = try seeds.map { try replay.label(seed: UInt64($0)) }
            #expect(try labels == tensors["labels_\(word)"]?.array(of: Int.self), "\(word)")
        }
    }

    @Test("Noise of a later step goes on from that of the steps before")
    func steps() throws {
        let replay = ReferenceReplay(shape: [1, 4, 4], D: 8, classes: 3)
        let rows = try (0..<4).map { try replay.noise(seed: 5, step: $0).array(of: Double.self) }
        #expect(Set(rows).count == 4 && rows.allSatisfy { $0.count == 16 })
        #expect(try replay.noise(seed: 5, step: 1).array(of: Double.self) == rows[1])
    }

    @Test("A compatible sample is that of the seed plus its index, whatever is drawn beside it")
    func samples() throws {
        let folder = TemporaryFolder()
        var context = try Tiny.context(
            Tiny.configuration { ($0.labelDim, $0.modelChannels) = (3, 16) }, in: folder)
        func draw(_ seed: UInt64, _ indices: [Int], workers: Int = 1, _ words: [String] = []) throws -> [Image] {
            context.seed = seed
            let options = try PFGMPPSamplingOptions.parse(["--seed-compat", "--steps", "3"] + words)
            let request = SamplingRequest(indices: indices, seed: seed, workers: workers)
            return try Tiny.pictures(PFGMPP.sampler(options, context), request)
        }
        let all = try draw(0, Array(0..<12))
        #expect(try draw(0, Array(0..<12), workers: 3) == all && draw(4, [0, 3]) == [all[4], all[7]])
        #expect(Set(all.map { "\($0)" }).count == 12)
        let churned = try draw(0, [0, 1], ["--S-churn", "3", "--class", "1"])
        #expect(
            try churned == draw(0, [0, 1], workers: 2, ["--S_churn", "3", "--label", "1"]) && churned[0] != all[0])
        #expect(try draw(0, [0], ["--scaling", "vp"]) != all)
    }
}
