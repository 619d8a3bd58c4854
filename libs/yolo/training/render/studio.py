"""Renders a planned scene with Blender's Cycles. The only module that imports ``bpy``."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .camera import SENSOR, Camera
from .light import Light, Panel, Sky, Sun
from .materials import Material, Photo, Plain, Skin
from .mesh import Mesh, box, lumps
from .scene import Scene, Thing


@dataclass(frozen=True)
class Quality:
    """What a render costs: samples a pixel (the denoiser makes up for few), bounces and threads."""

    samples: int = 4
    bounces: int = 2
    threads: int = 1


@dataclass(frozen=True)
class Shot:
    """Linear light, the index of what is seen in every pixel, and its distance; top row first."""

    light: np.ndarray
    index: np.ndarray
    depth: np.ndarray


def render(scene: Scene, seed: int, textures: Sequence[Path], quality: Quality = Quality()) -> Shot:
    """Render a scene. The same scene, seed, textures and quality give the same picture."""
    studio = Studio(scene.camera, seed, textures, quality, scene.wet)
    for thing in scene.things:
        studio.put(thing)
    studio.light(scene.light, scene.camera, max(scene.reach[:2]))
    return studio.shoot()


class Studio:
    """One empty Blender file that a scene is built in."""

    def __init__(self, camera: Camera, seed: int, textures: Sequence[Path], quality: Quality,
                 wet: float) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)  # nothing leaks between scenes
        self.scene = bpy.context.scene
        self.textures, self.wet = textures, wet
        self.meshes: dict = {}
        self.materials: dict = {}
        self._settings(camera, seed, quality)
        self._camera(camera)

    def _settings(self, camera: Camera, seed: int, quality: Quality) -> None:
        scene, out = self.scene, self.scene.render
        out.engine = "CYCLES"
        out.resolution_x, out.resolution_y, out.resolution_percentage = camera.width, camera.height, 100
        out.threads_mode, out.threads = "FIXED", quality.threads
        c = scene.cycles
        c.device, c.samples, c.use_adaptive_sampling = "CPU", quality.samples, False
        c.use_denoising, c.denoiser, c.denoising_input_passes = True, "OPENIMAGEDENOISE", "RGB_ALBEDO_NORMAL"
        c.denoising_prefilter = "FAST"
        c.max_bounces = c.diffuse_bounces = quality.bounces
        c.glossy_bounces, c.transmission_bounces, c.transparent_max_bounces = 1, 1, 2
        c.caustics_reflective = c.caustics_refractive = False
        c.sample_clamp_indirect, c.use_light_tree, c.seed = 4, False, seed % (1 << 31)
        layer = scene.view_layers[0]
        layer.use_pass_object_index = layer.use_pass_z = True

    def _camera(self, camera: Camera) -> None:
        data = bpy.data.cameras.new("camera")
        data.lens, data.sensor_width, data.clip_start, data.clip_end = camera.lens, SENSOR, 0.1, 1e5
        if camera.fstop:
            # lengths are centimetres and Blender thinks metres: the f-stop is a hundred times smaller
            dof = data.dof
            dof.use_dof, dof.focus_distance, dof.aperture_fstop = True, camera.distance, camera.fstop / 100
        found = self._link(data)
        turn = Matrix([[float(x) for x in row] for row in camera.axes()]).to_4x4()
        found.matrix_world = Matrix.Translation(Vector([float(x) for x in camera.eye])) @ turn
        self.scene.camera = found

    def _link(self, data, at=(0, 0, 0), turn=(0, 0, 0)):
        found = bpy.data.objects.new("o", data)
        found.location, found.rotation_euler = at, turn
        self.scene.collection.objects.link(found)
        return found

    # Meshes

    def put(self, thing: Thing) -> None:
        """Put a thing of the plan into the scene."""
        key = (id(thing.mesh), tuple(map(id, thing.materials)), thing.smooth)
        if key not in self.meshes:
            materials = [self.material(m) for m in thing.materials]
            self.meshes[key] = blender_mesh(thing.mesh, materials, thing.smooth)
        found = self._link(self.meshes[key], thing.at, thing.turn)
        found.scale, found.pass_index = thing.scale, thing.index
        found.visible_camera = not thing.hidden

    # Materials

    def material(self, spec: Material):
        """The Blender material of a specification, made once."""
        if id(spec) not in self.materials:
            builder = {Skin: self._skin, Photo: self._photo, Plain: self._plain}[type(spec)]
            found = bpy.data.materials.new("m")
            found.use_nodes = True
            found.node_tree.nodes.clear()
            builder(Nodes(found.node_tree), spec)
            self.materials[id(spec)] = found, spec  # keeps the specification, and so its id, alive
        return self.materials[id(spec)][0]

    def _finish(self, n: Nodes, colour, rough, **more) -> tuple:
        """The surface, darker and glossier where the scene is wet."""
        if self.wet:
            colour = n("HueSaturation", {"Value": 1 - 0.35 * self.wet, "Saturation": 1 + 0.15 * self.wet,
                                         "Color": colour}), 0
            more |= {"Coat Weight": 0.7 * self.wet, "Coat Roughness": 0.12}
        return n("BsdfPrincipled", {"Base Color": colour, "Roughness": rough, **more}), 0

    def _skin(self, n: Nodes, s: Skin) -> None:
        where, info = n("TexCoord"), n("ObjectInfo")
        moved = n("VectorMath", {0: (where, "Object"), 1: (info, "Random")}, operation="ADD"), 0
        noise = n("TexNoise", {"Vector": moved, "Scale": s.grain_scale, "Detail": 2.0, "Roughness": 0.65}), 0
        tone = n("Math", {0: n.range(noise, 0.25, 0.75, 1 - s.grain, 1 + s.grain),
                          1: n.range((info, "Random"), 0, 1, 1 - s.value, 1 + s.value)},
                          operation="MULTIPLY"), 0
        other = n("Math", {0: (n("Math", {0: (info, "Random"), 1: 7.31}, operation="MULTIPLY"), 0)},
                  operation="FRACT"), 0
        colour = n("HueSaturation", {"Hue": n.range(other, 0, 1, 0.5 - s.hue, 0.5 + s.hue), "Value": tone,
                                     "Color": (n("Attribute", attribute_name="Col"), "Color")}), 0
        if s.dust:
            cloud = n("TexNoise", {"Vector": moved, "Scale": s.grain_scale * 0.4, "Detail": 2.0,
                                   "Roughness": 0.7}), 0
            colour = n.blend(n.range(cloud, 0.45, 0.75, 0.0, s.dust), colour, (0.35, 0.28, 0.2, 1))
        more = {}
        if s.bump:
            fine = n("TexNoise", {"Vector": (where, "Object"), "Scale": s.bump_scale, "Detail": 1.0}), 0
            more["Normal"] = n("Bump", {"Strength": s.bump, "Distance": 0.05, "Height": fine}), 0
        if s.subsurface:
            more |= {"Subsurface Weight": s.subsurface, "Subsurface Radius": (0.6, 1.0, 0.3),
                     "Subsurface Scale": 0.12}
        if s.coat:
            more |= {"Coat Weight": s.coat, "Coat Roughness": 0.15}
        end = self._finish(n, colour, s.rough, **more)
        if s.translucent:
            end = n("MixShader", {0: s.translucent, 1: end,
                                  2: (n("BsdfTranslucent", {"Color": colour}), 0)}), 0
        n("OutputMaterial", {"Surface": end})

    def _photo(self, n: Nodes, s: Photo) -> None:
        where = n("TexCoord")
        place = n("Mapping", {"Vector": (where, "Object"), "Rotation": (0, 0, s.turn),
                              "Scale": (1 / s.tile,) * 3, "Location": s.offset}), 0
        file = self._texture(s)
        if file is None:
            height = n("TexNoise", {"Vector": place, "Scale": 4.0, "Detail": 8.0, "Roughness": 0.75}), 0
            colour = n.range(height, 0.0, 1.0, 0.1, 0.6)
        else:
            image = bpy.data.images.load(str(file), check_existing=True)
            colour = height = n("TexImage", {"Vector": place}, image=image, projection="BOX",
                                projection_blend=0.1), 0
        if s.tint is not None:
            colour = n("Mix", {0: 0.85, 6: colour, 7: (*s.tint, 1)}, data_type="RGBA",
                       blend_type="MULTIPLY"), 2
        cloud = n("TexNoise", {"Vector": (where, "Object"), "Scale": 0.07, "Detail": 3.0,
                               "Roughness": 0.65}), 0
        colour = n("HueSaturation", {"Value": n.range(cloud, 0.3, 0.7, 1 - s.mottle, 1 + s.mottle),
                                     "Saturation": s.strong, "Color": colour}), 0
        knock = n("Bump", {"Strength": s.bump, "Distance": 0.15, "Height": height}), 0
        n("OutputMaterial", {"Surface": self._finish(n, colour, s.rough, Normal=knock)})

    def _texture(self, s: Photo) -> Path | None:
        fitting = [f for f in self.textures if f.name.startswith(s.names)]
        return fitting[int(s.choice * len(fitting))] if fitting else None

    def _plain(self, n: Nodes, s: Plain) -> None:
        where, info = n("TexCoord"), n("ObjectInfo")
        moved = n("VectorMath", {0: (where, "Object"), 1: (info, "Location")}, operation="ADD"), 0
        noise = n("TexNoise", {"Vector": moved, "Scale": s.scale, "Detail": 3.0, "Roughness": 0.7}), 0
        colour = n("HueSaturation", {"Value": n.range(noise, 0.3, 0.7, 1 - s.mottle, 1 + s.mottle),
                                     "Color": (*s.colour, 1)}), 0
        if s.speckle:
            grains = n("TexNoise", {"Vector": moved, "Scale": 9.0, "Detail": 4.0, "Roughness": 0.8}), 0
            colour = n.blend(n.range(grains, 0.55, 0.62, 0.0, s.speckle), colour,
                             (*(np.asarray(s.colour) * 0.25), 1))
        cloud = n("TexNoise", {"Vector": moved, "Scale": s.scale * 1.7, "Detail": 3.0, "Roughness": 0.75}), 0
        share = n.range(cloud, 0.5, 0.8, 0.0, s.dirt)
        more = {}
        if s.bump:
            fine = n("TexNoise", {"Vector": moved, "Scale": 14.0, "Detail": 3.0, "Roughness": 0.8}), 0
            more["Normal"] = n("Bump", {"Strength": s.bump, "Distance": 0.12, "Height": fine}), 0
        end = self._finish(n, n.blend(share, colour, (0.4, 0.34, 0.27, 1)),
                           n.range(share, 0.0, 0.5, s.rough, 0.9), Metallic=s.metallic, **more)
        n("OutputMaterial", {"Surface": end})

    # Light

    def light(self, light: Light, camera: Camera, reach: float) -> None:
        """Sky, lamps, and what throws shadows from outside the picture."""
        self._sky(light.sky)
        if light.sun:
            self._sun(light.sun)
        for panel in light.panels:
            self._panel(panel)
        if light.slats:
            self._slats(light.slats, reach)
        if light.dapple:
            self._dapple(reach, int(light.sky.seed * 1e6))
        if light.flash:
            at = camera.eye + camera.axes() @ [1.0, 2.0, 0.0]
            self._lamp("POINT", light.flash * camera.distance**2 * 40, tuple(at), shadow_soft_size=1.0)

    def _sky(self, sky: Sky) -> None:
        world = bpy.data.worlds.new("sky")
        self.scene.world = world
        world.use_nodes = True
        world.cycles.sampling_method = "NONE"  # a smooth sky needs no light sampling; a fifth faster
        world.node_tree.nodes.clear()
        n = Nodes(world.node_tree)
        if sky.kind == "nishita":
            colour = n("TexSky", sky_type="NISHITA", sun_disc=False,
                       sun_elevation=max(sky.sun_height, 0.1)), 0
            strength = sky.strength * 0.35
        else:
            where = n("TexCoord")
            up = n("SeparateXYZ", {0: (where, "Generated")})
            colour = n.blend(n.range((up, 2), -0.2, 0.9, 0.0, 1.0), (*sky.bottom, 1), (*sky.top, 1))
            strength = sky.strength
            if sky.kind == "clouds":
                where = n("Mapping", {"Vector": (where, "Generated"), "Location": (sky.seed, 0, 0)}), 0
                cloud = n("TexNoise", {"Vector": where, "Scale": 2.2, "Detail": 4.0}), 0
                colour = n.blend(n.range(cloud, 0.42, 0.62, 0.0, 1.0), colour, (1.7, 1.7, 1.65, 1))
        n("OutputWorld", {"Surface": (n("Background", {"Color": colour, "Strength": strength}), 0)})

    def _lamp(self, kind: str, energy: float, at=(0, 0, 0), turn=(0, 0, 0), colour=(1, 1, 1), **settings):
        data = bpy.data.lights.new(kind, kind)
        data.energy, data.color = energy, tuple(colour)
        for name, value in settings.items():
            setattr(data, name, value)
        return self._link(data, at, turn)

    def _sun(self, sun: Sun) -> None:
        self._lamp("SUN", sun.energy, turn=(sun.tilt, 0, sun.heading), colour=sun.colour, angle=sun.angle)

    def _panel(self, panel: Panel) -> None:
        lamp = self._lamp("AREA", panel.energy, tuple(panel.at), colour=panel.colour, size=panel.size)
        lamp.rotation_euler = (-Vector(tuple(panel.at))).to_track_quat("-Z", "Y").to_euler()

    def _shade(self, mesh: Mesh, turn: float) -> None:
        thing = Thing(mesh, (Plain(np.array([0.3, 0.3, 0.3])),), (0, 0, 0), (0, 0, turn), (1, 1, 1), 0, False,
                      hidden=True)
        self.put(thing)

    def _slats(self, slats: tuple[float, float, float], reach: float) -> None:
        """Laths of a shade house, out of sight, in short pieces: long ones cost the ray tracer dearly."""
        pitch, share, heading = slats
        mesh, pieces = Mesh(), np.linspace(-3, 3, 19) * reach
        for x in np.arange(-3 * reach, 3 * reach, pitch):
            for y in pieces:
                box(mesh, (x, y, reach * 2.2), (pitch * share, reach / 3, 0.5))
        self._shade(mesh, heading)

    def _dapple(self, reach: float, seed: int) -> None:
        """Leaves overhead, out of sight."""
        rng, mesh = np.random.default_rng(seed), Mesh()
        at = np.c_[rng.uniform(-3, 3, (420, 2)) * reach, rng.uniform(2.0, 3.2, 420) * reach]
        lumps(mesh, at, reach * rng.uniform(0.04, 0.16, 420), (1, 1, 1), rng, 0.15, (0.3, 0.8))
        self._shade(mesh, rng.uniform(0, math.pi))

    # The picture

    def shoot(self) -> Shot:
        """Render and read back what the passes hold."""
        scene = self.scene
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        layers, out = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeOutputFile")
        with tempfile.TemporaryDirectory() as folder:
            out.base_path = folder
            out.format.file_format, out.format.color_depth, out.format.color_mode = "OPEN_EXR", "32", "RGBA"
            out.file_slots.clear()
            for slot, output in enumerate(("Image", "IndexOB", "Depth")):
                out.file_slots.new(output)
                tree.links.new(layers.outputs[output], out.inputs[slot])
            scene.render.filepath = f"{folder}/unused"
            with silence():
                bpy.ops.render.render(write_still=False)
            image, index, depth = (read_exr(Path(folder) / f"{name}{scene.frame_current:04d}.exr")
                                   for name in ("Image", "IndexOB", "Depth"))
        return Shot(image[..., :3].astype(float), np.rint(index[..., 0]).astype(int), depth[..., 0])


class Nodes:
    """Adds shader nodes; inputs are values, or (node, output) to link from."""

    def __init__(self, tree) -> None:
        self.tree = tree

    def __call__(self, kind: str, inputs: dict | None = None, **settings):
        node = self.tree.nodes.new("ShaderNode" + kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for name, value in (inputs or {}).items():
            if isinstance(value, tuple) and len(value) == 2 and hasattr(value[0], "outputs"):
                self.tree.links.new(value[0].outputs[value[1]], node.inputs[name])
            else:
                node.inputs[name].default_value = value
        return node

    def range(self, value: tuple, low: float, high: float, to_low: float, to_high: float) -> tuple:
        """A value's range mapped to another, clamped."""
        return self("MapRange", {"Value": value, 1: low, 2: high, 3: to_low, 4: to_high}), 0

    def blend(self, share: tuple, a, b) -> tuple:
        """Two colours mixed."""
        return self("Mix", {0: share, 6: a, 7: b}, data_type="RGBA"), 2


def blender_mesh(mesh: Mesh, materials: list, smooth: bool):
    """A mesh of ours as Blender's."""
    a = mesh.arrays()
    out = bpy.data.meshes.new("mesh")
    loops = np.concatenate([a.quads.ravel(), a.triangles.ravel()]).astype(np.int32)
    total = np.concatenate([np.full(len(a.quads), 4), np.full(len(a.triangles), 3)]).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(total)[:-1]]).astype(np.int32)
    out.vertices.add(len(a.vertices))
    out.vertices.foreach_set("co", a.vertices.astype(np.float32).ravel())
    out.loops.add(len(loops))
    out.loops.foreach_set("vertex_index", loops)
    out.polygons.add(len(total))
    out.polygons.foreach_set("loop_start", start)
    out.polygons.foreach_set("loop_total", total)
    out.polygons.foreach_set("material_index",
                             np.concatenate([a.quad_materials, a.triangle_materials]).astype(np.int32))
    out.polygons.foreach_set("use_smooth", np.full(len(total), smooth))
    colours = np.ones((len(a.vertices), 4), np.float32)
    colours[:, :3] = a.colours
    out.color_attributes.new("Col", "FLOAT_COLOR", "POINT").data.foreach_set("color", colours.ravel())
    out.update(calc_edges=True)
    for material in materials:
        out.materials.append(material)
    return out


@contextlib.contextmanager
def silence():
    """Without the hundred lines that Blender writes for each render."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def read_exr(path: Path) -> np.ndarray:
    """A picture file as height x width x 4; the render result itself cannot be read in module mode."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    flat = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(flat)
    pixels = flat.reshape(image.size[1], image.size[0], 4)[::-1]
    bpy.data.images.remove(image)
    return pixels
