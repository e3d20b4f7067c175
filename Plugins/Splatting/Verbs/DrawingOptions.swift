import Genera

/// How a scene is drawn, in words.
public struct DrawingOptions: ParsableArguments, Sendable {
    /// What a picture shows.
    public enum Channel: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// Colours.
        case rgb
        /// How much of the light a pixel takes, in grey.
        case alpha
        /// The expected depth, near bright and far dark.
        case depth
        /// The depth at which half of the light is taken.
        case medianDepth = "median-depth"
        /// Which way surfaces look, as colours.
        case normal
        /// Which splat takes the greatest part of each pixel, in a colour of its own.
        case top
    }

    @Option(help: "What the picture shows.")
    public var channel = Channel.rgb

    @Option(help: ArgumentHelp("black, white, none (transparent), #rrggbb or r,g,b from 0 to 1.", valueName: "colour"))
    public var background = Background.color([1, 1, 1])

    @Option(help: "Whose convention: the published rasteriser's, gsplat's, or none of the cuts that differ.")
    public var mode = RenderRules.Convention.inria

    @Option(help: ArgumentHelp("The greatest degree of spherical harmonics. (default: all)", valueName: "0-4"))
    public var shDegree: Int?

    @Flag(inversion: .prefixedNo, help: "Lower opacities as far as the screen filter widens splats. (default: what the file says)")
    public var antialiased: Bool?

    @Option(help: ArgumentHelp("Multiplies the size of all splats.", valueName: "factor"))
    public var scale: Float = 1

    @Flag(help: "Leave splats with impossible numbers out instead of refusing the file.")
    public var dropInvalid = false

    public init() {}

    public func validate() throws {
        if let shDegree, !(0...4).contains(shDegree) {
            throw ValidationError("--sh-degree must be from 0 to 4, got \(shDegree).")
        }
        guard scale > 0, scale.isFinite else { throw ValidationError("--scale must be positive, got \(scale).") }
    }

    /// The rules for a scene.
    func rules(for scene: SplatScene) -> RenderRules {
        var rules = RenderRules(mode)
        rules.degree = shDegree
        rules.scaleModifier = scale
        rules.isAntialiased = antialiased ?? scene.isAntialiased
        rules.shapeStrength = scene.splats.hasShapes ? 0.1 : nil
        return rules
    }
}

/// What is behind a scene.
public enum Background: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// Red, green and blue from 0 to 1.
    case color([Float])
    /// Nothing: the picture has alpha.
    case none

    /// Reads a name, #rrggbb or r,g,b. Nil for something else.
    public init?(argument: String) {
        switch argument.lowercased() {
        case "none", "transparent": self = .none
        case "black": self = .color([0, 0, 0])
        case "white": self = .color([1, 1, 1])
        case "grey", "gray": self = .color([0.5, 0.5, 0.5])
        case let text where text.hasPrefix("#"):
            guard text.count == 7, let number = UInt32(text.dropFirst(), radix: 16) else { return nil }
            self = .color([16, 8, 0].map { Float(number >> UInt32($0) & 255) / 255 })
        case let text:
            guard let triple = Triple(argument: text), triple.values.allSatisfy({ (0...1).contains($0) }) else { return nil }
            self = .color(triple.values.map(Float.init))
        }
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .color([0, 0, 0]): "black"
        case .color([1, 1, 1]): "white"
        case let .color(values): values.map { "\($0)" }.joined(separator: ",")
        }
    }

    public var defaultValueDescription: String { description }
}
