import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProfileService } from './profile.service.js';
import { RenameLimits } from './rename-limits.js';
import { RenameNotice } from './rename-notice.js';
import { TakenProbes } from './taken-probes.js';
import { User } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { UserRemoval } from './user-removal.js';
import { UserCredentials } from './user-credentials.service.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [UsersService, RenameLimits, TakenProbes, ProfileService, RenameNotice, UserRemoval, UserCredentials],
  exports: [UsersService, TakenProbes, ProfileService, UserRemoval, UserCredentials],
})
export class UsersModule {}
