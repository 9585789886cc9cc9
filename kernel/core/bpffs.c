// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpffs: names for programs, maps and links, so that they live without a process.
 * BPF_OBJ_PIN makes a file, BPF_OBJ_GET opens the object behind it again.
 *
 * A file is an inode with the object in i_private and one user's reference to it.  The
 * rest is the usual in-memory file system of libfs.
 */
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/init.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "core.h"

static const struct inode_operations bvm_fs_dir_iops;

/* No bits of these inodes mean anything to the object; they only say who may get it. */
static const struct inode_operations bvm_fs_obj_iops = {};

/* Objects are not read or written; the descriptors of BPF_OBJ_GET are for that. */
static int bvm_fs_obj_open(struct inode *inode, struct file *file)
{
	return -EIO;
}

static const struct file_operations bvm_fs_obj_fops = {
	.open = bvm_fs_obj_open,
};

/* ---------------------------------------------------------------- inodes */

static struct inode *bvm_fs_inode(struct super_block *sb, struct inode *dir, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode_init_owner(&nop_mnt_idmap, inode, dir, mode);
	simple_inode_init_ts(inode);
	return inode;
}

/* The entry appears: the file system itself holds it until it is removed. */
static void bvm_fs_add(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	d_instantiate(dentry, inode);
	dget(dentry);
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
}

static int bvm_fs_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode)
{
	struct inode *inode = bvm_fs_inode(dir->i_sb, dir, mode | S_IFDIR);

	if (!inode)
		return -ENOMEM;
	inode->i_op = &bvm_fs_dir_iops;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);	/* its "." */
	inc_nlink(dir);		/* its ".." */
	bvm_fs_add(dir, dentry, inode);
	return 0;
}

static int bvm_fs_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			  const char *target)
{
	char *link = kstrdup(target, GFP_USER | __GFP_NOWARN);
	struct inode *inode;

	if (!link)
		return -ENOMEM;
	inode = bvm_fs_inode(dir->i_sb, dir, S_IFLNK | 0777);
	if (!inode) {
		kfree(link);
		return -ENOMEM;
	}
	inode->i_op = &simple_symlink_inode_operations;
	inode->i_link = link;
	bvm_fs_add(dir, dentry, inode);
	return 0;
}

/* Names with a dot are kept for files that the kernel itself may put there. */
static struct dentry *bvm_fs_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	if (strchr(dentry->d_name.name, '.'))
		return ERR_PTR(-EPERM);
	return simple_lookup(dir, dentry, flags);
}

static const struct inode_operations bvm_fs_dir_iops = {
	.lookup = bvm_fs_lookup,
	.mkdir = bvm_fs_mkdir,
	.symlink = bvm_fs_symlink,
	.rmdir = simple_rmdir,
	.rename = simple_rename,
	.link = simple_link,
	.unlink = simple_unlink,
};

/* --------------------------------------------------------- BPF_OBJ_PIN, GET */

/* What can be pinned, by the files of its descriptors. */
static struct bvm_obj_kind *const bvm_pinnable[] = {
	&bvm_prog_kind,
	&bvm_map_kind,
	&bvm_link_kind,
};

/* The object behind a descriptor, with a reference; -EINVAL for whatever is not one. */
static struct bvm_obj *bvm_obj_from_fd(u32 fd)
{
	CLASS(fd, f)(fd);
	struct bvm_obj *obj;
	u32 i;

	if (fd_empty(f))
		return ERR_PTR(-EINVAL);
	for (i = 0; i < ARRAY_SIZE(bvm_pinnable); i++) {
		if (fd_file(f)->f_op == bvm_pinnable[i]->fops) {
			obj = fd_file(f)->private_data;
			bvm_obj_get(obj);
			return obj;
		}
	}
	return ERR_PTR(-EINVAL);
}

/* vfs_mkobj() calls it with the directory locked.  Takes over the reference to @arg. */
static int bvm_fs_mkobj(struct dentry *dentry, umode_t mode, void *arg)
{
	struct inode *dir = d_inode(dentry->d_parent);
	struct inode *inode = bvm_fs_inode(dir->i_sb, dir, mode);

	if (!inode)
		return -ENOMEM;
	inode->i_op = &bvm_fs_obj_iops;
	inode->i_fop = &bvm_fs_obj_fops;
	inode->i_private = arg;
	bvm_obj_keep(arg);
	bvm_fs_add(dir, dentry, inode);
	return 0;
}

/*
 * The directory that a relative path starts from, as openat(2) takes it.  -EINVAL: flags
 * beside @known, or a directory without the flag that says so.
 */
static int bvm_path_dir(const union bpf_attr *attr, u32 known, int *dir)
{
	if (attr->file_flags & ~(known | BPF_F_PATH_FD))
		return -EINVAL;
	if (!(attr->file_flags & BPF_F_PATH_FD) && attr->path_fd)
		return -EINVAL;
	*dir = attr->file_flags & BPF_F_PATH_FD ? attr->path_fd : AT_FDCWD;
	return 0;
}

/* Make the file.  -EPERM for a directory of another file system. */
static int bvm_obj_pin(struct bvm_obj *obj, int dir, const char __user *pathname)
{
	umode_t mode = S_IFREG | (0600 & ~current_umask());
	struct dentry *dentry;
	struct path path;
	int err;

	dentry = user_path_create(dir, pathname, &path, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (d_inode(path.dentry)->i_op == &bvm_fs_dir_iops)
		err = security_path_mknod(&path, dentry, mode, 0);
	else
		err = -EPERM;
	if (!err)
		err = vfs_mkobj(dentry, mode, bvm_fs_mkobj, obj);
	done_path_create(&path, dentry);
	return err;
}

/**
 * bvm_cmd_obj_pin - BPF_OBJ_PIN
 * @attr:	pathname, bpf_fd, file_flags, path_fd
 * @uattr:	unused
 * @size:	unused
 * Return: 0; -EINVAL for what cannot be pinned; -EPERM outside of a bpffs and for names
 * with a dot; what open(2) says about paths, mkdir(2) about directories.
 */
int bvm_cmd_obj_pin(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj;
	int err, dir;

	err = bvm_path_dir(attr, 0, &dir);
	if (err)
		return err;
	obj = bvm_obj_from_fd(attr->bpf_fd);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	err = bvm_obj_pin(obj, dir, u64_to_user_ptr(attr->pathname));
	if (err)
		bvm_obj_put(obj);
	return err;
}

/* The object in a file, with a reference, if the caller may use the file that way. */
static struct bvm_obj *bvm_obj_from_path(const struct path *path, int flags)
{
	struct inode *inode = d_backing_inode(path->dentry);
	struct bvm_obj *obj;
	int err;

	err = path_permission(path, ACC_MODE(flags));
	if (err)
		return ERR_PTR(err);
	if (inode->i_op != &bvm_fs_obj_iops)
		return ERR_PTR(-EACCES);
	obj = inode->i_private;
	bvm_obj_get(obj);
	touch_atime(path);
	return obj;
}

/**
 * bvm_cmd_obj_get - BPF_OBJ_GET
 * @attr:	pathname, file_flags (BPF_F_RDONLY, BPF_F_WRONLY for maps), path_fd
 * @uattr:	unused
 * @size:	unused
 * Return: descriptor; -EACCES if the file is none of bpffs's or its permissions say no;
 * what open(2) says about paths.
 */
int bvm_cmd_obj_get(union bpf_attr *attr, union bpf_attr __user *uattr, u32 size)
{
	struct bvm_obj *obj;
	struct path path;
	int flags, dir, fd;

	fd = bvm_path_dir(attr, BPF_F_RDONLY | BPF_F_WRONLY, &dir);
	if (fd)
		return fd;
	flags = bvm_open_flags(attr->file_flags);
	if (flags < 0)
		return flags;
	fd = user_path_at(dir, u64_to_user_ptr(attr->pathname), LOOKUP_FOLLOW, &path);
	if (fd)
		return fd;
	obj = bvm_obj_from_path(&path, flags);
	path_put(&path);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	fd = obj->kind->open(obj, flags);
	if (fd < 0)
		bvm_obj_put(obj);
	return fd;
}

/* ------------------------------------------------------------ superblock */

/**
 * struct bvm_fs_options - of a mount
 * @uid:	owner of the root directory
 * @gid:	its group
 * @mode:	its permissions; the sticky bit is set in any case
 */
struct bvm_fs_options {
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
};

enum { BVM_FS_UID, BVM_FS_GID, BVM_FS_MODE };

static const struct fs_parameter_spec bvm_fs_parameters[] = {
	fsparam_uid("uid", BVM_FS_UID),
	fsparam_gid("gid", BVM_FS_GID),
	fsparam_u32oct("mode", BVM_FS_MODE),
	{}
};

/* Unknown options are ignored: mounting has always worked like that, and scripts rely on it. */
static int bvm_fs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct bvm_fs_options *options = fc->s_fs_info;
	struct fs_parse_result result;
	int opt = fs_parse(fc, bvm_fs_parameters, param, &result);

	if (opt == -ENOPARAM) {
		opt = vfs_parse_fs_param_source(fc, param);
		return opt == -ENOPARAM ? 0 : opt;
	}
	switch (opt) {
	case BVM_FS_UID:
		options->uid = result.uid;
		break;
	case BVM_FS_GID:
		options->gid = result.gid;
		break;
	case BVM_FS_MODE:
		options->mode = result.uint_32 & S_IALLUGO;
		break;
	default:
		return opt;
	}
	return 0;
}

static int bvm_fs_show_options(struct seq_file *m, struct dentry *root)
{
	const struct bvm_fs_options *options = root->d_sb->s_fs_info;

	if (!uid_eq(options->uid, GLOBAL_ROOT_UID))
		seq_printf(m, ",uid=%u", from_kuid_munged(&init_user_ns, options->uid));
	if (!gid_eq(options->gid, GLOBAL_ROOT_GID))
		seq_printf(m, ",gid=%u", from_kgid_munged(&init_user_ns, options->gid));
	if ((options->mode & ~S_ISVTX) != 0777)
		seq_printf(m, ",mode=%o", options->mode & 0777);
	return 0;
}

/* The last name and the last use of the inode are gone. */
static void bvm_fs_evict_inode(struct inode *inode)
{
	clear_inode(inode);
	if (inode->i_op == &bvm_fs_obj_iops)
		bvm_obj_drop(inode->i_private);
}

/* RCU walks may be reading the target of a symbolic link until now. */
static void bvm_fs_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}

static const struct super_operations bvm_fs_super_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.show_options = bvm_fs_show_options,
	.evict_inode = bvm_fs_evict_inode,
	.free_inode = bvm_fs_free_inode,
};

static int bvm_fs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct bvm_fs_options *options = sb->s_fs_info;
	struct inode *root;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = BPF_FS_MAGIC;
	sb->s_op = &bvm_fs_super_ops;
	sb->s_time_gran = 1;

	root = bvm_fs_inode(sb, NULL, S_IFDIR | S_ISVTX | options->mode);
	if (!root)
		return -ENOMEM;
	root->i_uid = options->uid;
	root->i_gid = options->gid;
	root->i_op = &bvm_fs_dir_iops;
	root->i_fop = &simple_dir_operations;
	inc_nlink(root);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int bvm_fs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bvm_fs_fill_super);
}

/* The options have become the superblock's unless there was an error. */
static void bvm_fs_free_context(struct fs_context *fc)
{
	kfree(fc->s_fs_info);
}

static const struct fs_context_operations bvm_fs_context_ops = {
	.free = bvm_fs_free_context,
	.parse_param = bvm_fs_parse_param,
	.get_tree = bvm_fs_get_tree,
};

static int bvm_fs_init_context(struct fs_context *fc)
{
	struct bvm_fs_options *options = kzalloc(sizeof(*options), GFP_KERNEL);

	if (!options)
		return -ENOMEM;
	options->uid = current_fsuid();
	options->gid = current_fsgid();
	options->mode = 0777;
	fc->s_fs_info = options;
	fc->ops = &bvm_fs_context_ops;
	return 0;
}

static void bvm_fs_kill_sb(struct super_block *sb)
{
	struct bvm_fs_options *options = sb->s_fs_info;

	kill_litter_super(sb);
	kfree(options);
}

static struct file_system_type bvm_fs_type = {
	.owner = THIS_MODULE,
	.name = "bpf",
	.init_fs_context = bvm_fs_init_context,
	.parameters = bvm_fs_parameters,
	.kill_sb = bvm_fs_kill_sb,
	.fs_flags = FS_USERNS_MOUNT,
};

/* Tools expect it on /sys/fs/bpf. */
static int __init bvm_fs_init(void)
{
	int err = sysfs_create_mount_point(fs_kobj, "bpf");

	if (err)
		return err;
	err = register_filesystem(&bvm_fs_type);
	if (err)
		sysfs_remove_mount_point(fs_kobj, "bpf");
	return err;
}
fs_initcall(bvm_fs_init);
