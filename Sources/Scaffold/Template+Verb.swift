extension Template {
    static let verb = """
        import Genera

        /// `__FAMILY__ speed`: how fast points move at each time, as a table.
        public struct Speed: Verb {
            public static let name = "speed"
            public static let summary = "How fast points move on their way from noise to data."
            public static let examples = [
                "genera __FAMILY__ speed --checkpoint runs/first --times 11 --out speed.csv",
                "genera __FAMILY__ speed --checkpoint runs/first --json",
            ]

            @Option(help: ArgumentHelp("Points that are carried along.", valueName: "n")) var points = 256
            @Option(help: ArgumentHelp("Times at which the speed is taken.", valueName: "n")) var times = 6
            // The seed and the model, where the table goes, and the machine: the context is made of them.
            @OptionGroup(title: "Samples") var source: SourceOptions
            @OptionGroup(title: "Output") var output: OutputOptions
            @OptionGroup(title: "Machine") var machine: MachineOptions

            public init() {}

            public func validate() throws {
                guard (1...10_000).contains(points) else {
                    throw ValidationError("--points must be from 1 to 10,000, got \\(points).")
                }
                guard (2...1000).contains(times) else {
                    throw ValidationError("--times must be from 2 to 1,000, got \\(times).")
                }
            }

            public func run(_ run: RunContext) throws -> Outcome {
                let path = try output.path(or: "speed.csv")
                let network = try VelocityNetwork.loading(run.model(of: __MODULE__Family.self), on: run.device)
                let sampler = FlowSampler(network: network, stepCount: times - 1, device: run.device)
                var table = Table("speed", columns: [.init("t", digits: .places(2)), "speed"])
                let noise = Noise(seed: run.seed, samples: Array(0..<points))
                var x = try sampler.start(noise: noise)
                for step in 0..<times {
                    if run.stop.isStopped { throw GeneraError.interrupted("Interrupted; nothing was written.") }
                    let time = Double(step) / Double(times - 1)
                    let speeds = try sampler.velocity(x, time).squared().sum(axes: [1]).sqrt().array(of: Double.self)
                    table.append([.number(time), .mean(of: speeds)])
                    if step < times - 1 { try sampler.advance(&x, step: step, noise: noise) }
                }
                try run.write(.table(table), to: path)
                return Outcome(tables: [table])
            }
        }

        """
}
