import Foundation
import Genera
import GeneraTesting
import PFGMPP
import Testing

/// The ways that `genera sample pfgmpp` can take from noise to data.
@Suite struct PathTests {
    private func sampler(_ words: [String], _ context: RunContext = RunContext()) throws -> any Sampler {
        try PFGMPP.sampler(try PFGMPPSamplingOptions.parse(words), context)
    }

    private func points(_ words: [String], count: Int = 64) throws -> [Point] {
        func draw<S: Sampler>(_ sampler: S) throws -> [Point] {
            try SamplingDriver().run(sampler, SamplingRequest(indices: Array(0..<count), seed: 2)).samples.flatMap {
                ($0 as? PointCloud)?.points ?? []
            }
        }
        return try draw(sampler(["--model", "analytic-points", "--D", "64"] + words))
    }

    @Test(
        "Every discretisation, schedule and scaling ends on the data",
        arguments: [
            ["--disc", "vp", "--schedule", "vp", "--scaling", "vp"], ["--disc", "ve", "--schedule", "ve"],
            ["--disc", "iddpm", "--schedule", "linear"], ["--scaling", "vp"], ["--schedule", "linear"],
            ["--disc", "edm", "--solver", "euler"], ["--rk-alpha", "0.5"],
            ["--disc", "vp", "--schedule", "vp", "--scaling", "vp", "--S-churn", "20"],
            ["--disc", "vp", "--schedule", "vp", "--scaling", "vp", "--epsilon-s", "0.01"],
            ["--disc", "iddpm", "--C_1", "0.0005", "--C_2", "0.01", "--M", "400"],
        ])
    func ablation(words: [String]) throws {
        let all = try points(words + ["--steps", "60"])
        let near = all.count { abs(($0.x * $0.x + $0.y * $0.y).squareRoot() - 1) < 0.05 }
        #expect(near > 56, "\(near) of 64")
    }

    @Test("The generalised sampler with EDM's choices is Heun's method")
    func generalisedHeun() throws {
        let (a, b) = (try points(["--disc", "edm", "--steps", "12"]), try points(["--steps", "12"]))
        for (p, q) in zip(a, b) { #expect(abs(p.x - q.x) < 1e-9 && abs(p.y - q.y) < 1e-9) }
        let (first, second) = (
            try sampler(["--model", "analytic-points", "--disc", "edm"]), try sampler(["--model", "analytic-points"])
        )
        #expect(first.evaluationCount == second.evaluationCount && first.evaluationCount == 35)
    }

    @Test("The constants of the generalised sampler have their reference's defaults, and each one moves the levels")
    func constants() throws {
        func drawn(_ words: [String]) throws -> [Point] { try points(words + ["--steps", "7"], count: 4) }
        for (disc, words) in [
            ("vp", ["--epsilon-s", "0.001"]), ("iddpm", ["--C-1", "0.001", "--C-2", "0.008", "--M", "1000"]),
        ] {
            #expect(try drawn(["--disc", disc] + words) == drawn(["--disc", disc]))
        }
        let plain = try drawn(["--disc", "iddpm"])
        for words in [["--C-1", "0.99"], ["--C-2", "0.02"], ["--M", "300"]] {
            #expect(try drawn(["--disc", "iddpm"] + words) != plain, "\(words)")
        }
        #expect(try drawn(["--disc", "vp", "--epsilon-s", "0.01"]) != drawn(["--disc", "vp"]))
    }

    @Test("Levels can be listed, and a file of levels is the same list")
    func levels() throws {
        let folder = TemporaryFolder()
        let file = folder.file("levels.yaml")
        try ScheduleFile(levels: [80, 12, 2.5, 0.3, 0.01]).write(to: file)
        let listed = try points(["--sigmas", "80,12,2.5,0.3,0.01,0"])
        #expect(try points(["--schedule", file]) == listed && points(["--schedule", "80,12,2.5,0.3,0.01"]) == listed)
        #expect(try points(["--schedule", file, "--steps", "5"]) == listed)
        #expect(try sampler(["--model", "analytic-points", "--schedule", file, "--steps", "9"]).stepCount == 9)
        let options = try PFGMPPSamplingOptions.parse(["--schedule", file])
        let record = try OptionRecord(options)
        #expect(record["schedule"] == ["80.0,12.0,2.5,0.3,0.01"])
    }

    @Test(
        "The schedules have the ends they are given",
        arguments: ["rho", "loglinear", "log-linear", "cosine", "vp", "ays"])
    func schedules(rule: String) throws {
        let words = ["--model", "analytic-points", "--schedule", rule, "--sigma_min", "0.01", "--sigma_max", "50"]
        let sampler = try #require(try sampler(words) as? any ScheduledSampler)
        #expect(sampler.grid.count == 19 && abs(sampler.grid[0] - 50) < 1e-9 && abs(sampler.grid[17] - 0.01) < 1e-8)
        #expect(sampler.grid.last == 0)
    }

    @Test("Alpha noise disturbs the picture, the more the more there is")
    func alpha() throws {
        let exact = try points([])
        func distance(_ alpha: String) throws -> Double {
            zip(try points(["--alpha", alpha]), exact).reduce(0) { $0 + abs($1.0.x - $1.1.x) + abs($1.0.y - $1.1.y) }
        }
        let (none, some, more) = (try distance("0"), try distance("0.1"), try distance("0.4"))
        #expect(none == 0 && some > 0 && more > some)
    }

    @Test("A number of evaluations is kept to by every solver", arguments: PFGMPPSolver.allCases)
    func evaluations(solver: PFGMPPSolver) throws {
        for nfe in [1, 7, 15] {
            let words = ["--model", "analytic-points", "--solver", solver.rawValue, "--nfe", "\(nfe)"]
            #expect(try sampler(words).evaluationCount == nfe, "\(solver) \(nfe)")
        }
        #expect(try sampler(["--model", "analytic-points", "--disc", "vp", "--nfe", "9"]).evaluationCount == 9)
    }

    @Test("With guidance both evaluations of a step count")
    func guidedEvaluations() throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(Tiny.configuration { ($0.labelDim, $0.labelDropout) = (3, 0.1) }, in: folder)
        let words = ["--guidance", "2", "--nfe", "14"]
        #expect(try sampler(words, context).evaluationCount == 14)
        #expect(try sampler(words + ["--solver", "unipc-2"], context).evaluationCount == 14)
    }

    @Test("Guidance is refused where the model cannot give it")
    func unguided() throws {
        for (classes, reason) in [(0, "without classes"), (3, "without --label-dropout")] {
            let folder = TemporaryFolder()
            let context = try Tiny.context(Tiny.configuration { $0.labelDim = classes }, in: folder)
            let error = #expect(throws: GeneraError.self) { try sampler(["--guidance", "2"], context) }
            #expect(error?.exitCode == 64 && error?.description.contains(reason) == true)
        }
    }

    @Test("Whole numbers of 8 bits draw nearly the same picture")
    func wholeNumbers() throws {
        guard PackedConvolution.isAvailable(.int8) else { return }
        let folder = TemporaryFolder()
        var context = try Tiny.context(in: folder)
        let refused = #expect(throws: GeneraError.self) { try sampler(["--int8"], context) }
        #expect(refused?.exitCode == 64)
        context.precision = .bf16
        func draw(_ words: [String]) throws -> Image {
            try Tiny.pictures(sampler(["--steps", "3"] + words, context), SamplingRequest(indices: [0]))[0]
        }
        let (plain, whole, few) = (try draw([]), try draw(["--int8"]), try draw(["--bits", "2"]))
        #expect(plain != whole && plain.distance(to: whole) < plain.distance(to: few) / 4)
    }

    @Test("Weights of few bits change the picture")
    func bits() throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(in: folder)
        func draw(_ words: [String]) throws -> Image {
            try Tiny.pictures(sampler(["--steps", "3"] + words, context), SamplingRequest(indices: [0]))[0]
        }
        let (plain, few, many) = (try draw([]), try draw(["--bits", "2"]), try draw(["--bits", "20"]))
        #expect(plain != few && plain.distance(to: many) < plain.distance(to: few))
    }

    @Test("A D other than the checkpoint's is refused, unless it is asked for twice")
    func otherD() throws {
        let folder = TemporaryFolder()
        let context = try Tiny.context(in: folder)
        let error = try #require(throws: GeneraError.self) { try sampler(["--D", "128"], context) }
        #expect(error.description.contains("D = 64, not 128") && error.exitCode == 64)
        _ = try sampler(["--D", "64"], context)
        _ = try sampler(["--D", "128", "--override-D"], context)
    }

    static let wrong: [(words: [String], message: String)] = [
        (["--sigmas", "80,5", "--schedule", "vp"], "--sigmas and --schedule"), (["--sigmas", "1,2"], "must fall"),
        (["--sigmas", "5,x"], "'x' is not a noise level"),
        (["--sigmas", "5,1", "--rho", "3"], "leave out --sigma-min"),
        (["--sigmas", "nan"], "not a noise level"), (["--sigmas", "0"], "above 0"),
        (["--schedule", "rhoo"], "schedule"), (["--schedule", "missing/file.yaml"], "missing/file.yaml"),
        (["--disc", "vp", "--solver", "unipc-2"], "--disc is of the generalised sampler"),
        (["--scaling", "vp", "--schedule", "cosine"], "whose --schedule is vp, ve or linear"),
        (["--disc", "edm", "--sigmas", "3,1"], "takes no list"), (["--disc", "ddim"], "disc"),
        (["--disc", "edm", "--alpha", "0.1"], "--alpha does not go"), (["--alpha=-1"], "--alpha must not"),
        (["--alpha", "0.1", "--solver", "unipc-3"], "--alpha does not go with --solver unipc-3"),
        (["--unipc-variant", "bh1"], "--unipc-variant works with"), (["--rk-alpha", "0"], "--rk-alpha"),
        (["--bits", "0"], "--bits"), (["--bits", "4", "--model", "analytic-gmm"], "--bits does not go"),
        (["--int8", "--model", "analytic-gmm"], "--int8 does not go"), (["--nfe", "8"], "takes an odd number"),
        (["--nfe", "9", "--steps", "5"], "--steps and --nfe"),
        (["--nfe", "0", "--solver", "euler"], "takes 1 or more"),
        (["--nfe", "12", "--guidance", "2", "--label", "1", "--solver", "heun"], "twice an odd number"),
        (["--M", "100"], "--M is a constant of --disc iddpm"),
        (["--disc", "vp", "--C-1", "0.1"], "--C-1 is a constant"),
        (["--disc", "iddpm", "--M", "0"], "--M must be"), (["--disc", "iddpm", "--C_2=-1"], "--C-2 must not"),
        (["--disc", "edm", "--epsilon-s", "0.1"], "--epsilon-s is"), (["--disc", "vp", "--epsilon_s", "1"], "below 1"),
        (["--seed-compat", "--solver", "euler-a"], "--seed-compat"),
        (["--seed-compat", "--alpha", "1"], "--seed-compat"),
        (["--label", "1", "--model", "analytic-gmm"], "--label does not go"),
    ]

    @Test("Options that do not go together are refused in a sentence", arguments: wrong.indices)
    func combinations(index: Int) {
        let (words, message) = Self.wrong[index]
        do {
            _ = try PFGMPPSamplingOptions.parse(words)
            Issue.record("\(words) was taken")
        } catch {
            let text = PFGMPPSamplingOptions.message(for: error)
            #expect(text.contains(message), "\(text)")
        }
    }

    @Test("What a model or a solver cannot do is refused by the words that it comes from")
    func impossible() throws {
        for (words, message) in [
            (
                ["--disc", "iddpm", "--sigma-min", "1e-5", "--sigma-max", "2e-5"],
                "The iddpm discretisation has no noise level"
            ),
            (
                ["--brownian"],
                "--brownian works with --solver dpmpp-2m-sde, and with euler-a at --eta 1, not with heun."
            ),
            (["--brownian", "--solver", "euler-a", "--eta", "0.5"], "not with euler-a at --eta 0.5."),
            (
                ["--disc", "vp", "--sigma-max", "0.003"],
                "No vp discretisation with the linear schedule goes from sigma"
            ),
        ] {
            let error = #expect(throws: GeneraError.self) { try sampler(["--model", "analytic-points"] + words) }
            #expect(
                error?.exitCode == 64 && error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }
}

extension Image {
    fileprivate func distance(to other: Image) -> Float {
        zip(values, other.values).reduce(0) { $0 + abs($1.0 - $1.1) }
    }
}
