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

    /// What the picture shows.
    @Option(help: "What the picture shows.")
    public var channel = Channel.rgb

    /// black, white, none (transparent), #rrggbb or r,g,b from 0 to 1.
    @Option(
        help: ArgumentHelp(
            "black, white, none (transparent), #rrggbb or r,g,b from 0 to 1. (default: white; beside photographs black)",
            valueName: "colour"))
    public var background: Background?

    /// Whose convention: the published rasteriser's, gsplat's, or none of the cuts that differ.
    @Option(help: "Whose convention: the published rasteriser's, gsplat's, or none of the cuts that differ.")
    public var mode = RenderRules.Convention.inria

    /// The greatest degree of spherical harmonics.
    @Option(help: ArgumentHelp("The greatest degree of spherical harmonics. (default: all)", valueName: "0-4"))
    public var shDegree: Int?

    /// Lower opacities as far as the screen filter widens splats.
    @Flag(
        inversion: .prefixedNo,
        help: "Lower opacities as far as the screen filter widens splats. (default: what the file says)")
    public var antialiased: Bool?

    /// Multiplies the size of all splats.
    @Option(
        name: [.customLong("scale-modifier"), .customLong("scale_modifier")],
        help: ArgumentHelp("Multiplies the size of all splats.", valueName: "factor"))
    public var scale: Float = 1

    /// Leave splats with impossible numbers out instead of refusing the file.
    @Flag(help: "Leave splats with impossible numbers out instead of refusing the file.")
    public var dropInvalid = false

    /// Draw the picture so many times as wide and high, and average.
    @Option(help: ArgumentHelp("Draw the picture so many times as wide and high, and average.", valueName: "factor"))
    public var supersample = 1

    /// The radius of the lens in units of the scene: what is not at the distance --focus is blurred.
    @Option(
        help: ArgumentHelp(
            "The radius of the lens in units of the scene: what is not at the distance --focus is blurred.",
            valueName: "radius"))
    public var aperture: Double?

    /// The distance at which a lens with an aperture is sharp.
    @Option(
        help: ArgumentHelp(
            "The distance at which a lens with an aperture is sharp. (default: the middle of the scene)",
            valueName: "distance"))
    public var focus: Double?

    /// Points of the lens that a picture is averaged over.
    @Option(help: ArgumentHelp("Points of the lens that a picture is averaged over.", valueName: "n"))
    public var lensSamples = 64

    /// Rows that are drawn at a time, for pictures larger than memory.
    @Option(
        help: ArgumentHelp(
            "Rows that are drawn at a time, for pictures larger than memory. (default: all that fit 256 MiB)",
            valueName: "n"))
    public var tileRows: Int?

    /// Draw one splat for many where their centres are at most so many pixels from it; 2.5 is a good value.
    @Option(
        help: ArgumentHelp(
            "Draw one splat for many where their centres are at most so many pixels from it; 2.5 is a good value. (default: all splats)",
            valueName: "pixels"))
    public var lod: Double?

    /// For ArgumentParser.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        if let lod {
            guard lod > 0, lod <= 1000 else {
                throw ValidationError("--lod must be above 0 and at most 1000 pixels, got \(lod).")
            }
            guard channel != .top else { throw ValidationError("--channel top tells splats apart: leave out --lod.") }
        }
        if let shDegree, !(0...4).contains(shDegree) {
            throw ValidationError("--sh-degree must be from 0 to 4, got \(shDegree).")
        }
        guard scale > 0, scale.isFinite else {
            throw ValidationError("--scale-modifier must be positive, got \(scale).")
        }
        guard (1...8).contains(supersample) else {
            throw ValidationError("--supersample must be from 1 to 8, got \(supersample).")
        }
        guard (1...10_000).contains(lensSamples) else {
            throw ValidationError("--lens-samples must be from 1 to 10,000, got \(lensSamples).")
        }
        guard (1...65_536).contains(tileRows ?? 1) else {
            throw ValidationError("--tile-rows must be from 1 to 65,536, got \(tileRows ?? 0).")
        }
        for (value, name) in [(aperture, "aperture"), (focus, "focus")] {
            guard let value else { continue }
            guard value > 0, value.isFinite else { throw ValidationError("--\(name) must be positive, got \(value).") }
        }
        if focus != nil, aperture == nil { throw ValidationError("--focus is for a lens with an --aperture.") }
        if channel == .medianDepth || channel == .top, supersample > 1 || aperture != nil {
            throw ValidationError(
                "--channel \(channel.rawValue) cannot be averaged: leave out --supersample and --aperture.")
        }
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
            guard let triple = Triple(argument: text), triple.values.allSatisfy({ (0...1).contains($0) }) else {
                return nil
            }
            self = .color(triple.values.map(Float.init))
        }
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .none: "none"
        case .color([0, 0, 0]): "black"
        case .color([1, 1, 1]): "white"
        case let .color(values): values.map { "\($0)" }.joined(separator: ",")
        }
    }

    /// As help shows it.
    public var defaultValueDescription: String { description }
}
